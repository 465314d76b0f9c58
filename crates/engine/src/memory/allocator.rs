//! What the C library does with memory that was given back.

/// Lets freed memory be used again without asking the system for it, from now on and in the whole
/// process.
///
/// A step makes and drops tensors of tens of megabytes by the hundred. glibc gets each of that size
/// from the system and gives it back, and every page of it is then zeroed and mapped anew: 45 to
/// 100 ms for 64 MB on the machine on which this was measured. Kept on one heap they cost nothing.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's own settings")]
pub(crate) fn keep_freed() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: these set numbers inside the allocator, under its own lock. What it refuses it
        // leaves as it was, which costs time alone.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
            libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
            // The heaps of further arenas hold 64 MB at most.
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    });
}

/// Gives the system what [`keep_freed`] kept.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's own settings")]
pub(crate) fn give_back() {
    // SAFETY: it takes the allocator's own lock and touches free memory alone.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators are left to themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep_freed() {}

/// Other allocators are left to themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}
