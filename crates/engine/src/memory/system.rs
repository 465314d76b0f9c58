//! How much memory this machine, or the group of processes that we are in, has left.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use candle_core::Device;

/// Bytes that can be used before something is pushed out; `None` where the system does not say.
///
/// Linux's `MemAvailable`, or what the control group (version 2 or 1) leaves where that is less.
/// Cached files count as free, as they give way.
pub(crate) fn free() -> Option<u64> {
    free_below(Path::new("/"))
}

/// Bytes that are free on a device other than the CPU; `None` where it does not say.
pub(crate) fn free_on(device: &Device) -> Option<u64> {
    #[cfg(feature = "cuda")]
    if let Ok(cuda) = device.as_cuda_device() {
        let (free, _) = cuda.cuda_stream().context().mem_get_info().ok()?;
        return Some(free as u64);
    }
    let _ = device;
    None
}

/// As [`free`], of the system whose files lie under `root`.
fn free_below(root: &Path) -> Option<u64> {
    let machine = available(&read_to_string(root.join("proc/meminfo")).ok()?)?;
    let groups = read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let limits = groups.lines().filter_map(|line| left_in_group(root, line));
    Some(limits.fold(machine, u64::min))
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// What the group of a line of `/proc/self/cgroup`, or any group around it, leaves.
fn left_in_group(root: &Path, line: &str) -> Option<u64> {
    let mut fields = line.splitn(3, ':');
    let (_, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    let (mount, names) = if controllers.is_empty() {
        let names = ["memory.max", "memory.current", "inactive_file"];
        ("sys/fs/cgroup", names)
    } else if controllers.split(',').any(|name| name == "memory") {
        let names = [
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        ];
        ("sys/fs/cgroup/memory", names)
    } else {
        return None;
    };
    let mount = root.join(mount);
    // Within a container the path is often that of the host, and the mount is the group itself.
    let mut group = mount.join(path.trim_start_matches('/'));
    if !group.is_dir() {
        group.clone_from(&mount);
    }
    let around = group.ancestors().take_while(|at| at.starts_with(&mount));
    around.filter_map(|group| left(group, names)).min()
}

fn left(group: &Path, [limit, used, cached]: [&str; 3]) -> Option<u64> {
    let number = |path: PathBuf| read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limit = number(group.join(limit))?;
    let used = number(group.join(used))?;
    let statistics = read_to_string(group.join("memory.stat")).unwrap_or_default();
    let cached = statistics
        .lines()
        .find_map(|line| line.strip_prefix(cached)?.trim().parse::<u64>().ok());
    Some(limit.saturating_sub(used.saturating_sub(cached.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    const MEMINFO: (&str, &str) = (
        "proc/meminfo",
        "MemTotal:  32000 kB\nMemFree:  1 kB\nMemAvailable:  16000 kB\n",
    );

    #[test]
    fn the_machine_says_how_much_is_left() {
        assert_eq!(free_below(system(&[MEMINFO]).path()), Some(16000 * 1024));
        assert_eq!(free_below(system(&[]).path()), None);
    }

    #[test]
    fn a_group_around_ours_may_leave_less_and_cached_files_count_as_free() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("sys/fs/cgroup/a/memory.max", "5000\n"),
            ("sys/fs/cgroup/a/memory.current", "3000\n"),
            (
                "sys/fs/cgroup/a/memory.stat",
                "anon 1\ninactive_file 1000\n",
            ),
        ]);
        assert_eq!(free_below(root.path()), Some(3000));
    }

    #[test]
    fn the_first_version_of_groups_counts_too() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/abc\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "4000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1500\n"),
        ]);
        assert_eq!(free_below(root.path()), Some(2500));
    }
}
