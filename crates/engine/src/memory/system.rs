//! How much memory is available to this process.

use candle_core::Device;

/// Bytes available without swapping; `None` if the system does not report them.
///
/// On Linux a control group may allow less than the machine has. File caches count as available,
/// because the kernel reclaims them.
pub(crate) fn available() -> Option<u64> {
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory_specifics(sysinfo::MemoryRefreshKind::nothing().with_ram());
    let machine = Some(system.available_memory()).filter(|bytes| *bytes > 0)?;
    #[cfg(target_os = "linux")]
    if let Some(group) = cgroup::available(std::path::Path::new("/")) {
        return Some(machine.min(group));
    }
    Some(machine)
}

/// Free bytes of a GPU; `None` if it does not report them.
pub(crate) fn available_on(device: &Device) -> Option<u64> {
    #[cfg(feature = "cuda")]
    if let Ok(cuda) = device.as_cuda_device() {
        let (free, _) = cuda.cuda_stream().context().mem_get_info().ok()?;
        return Some(free as u64);
    }
    let _ = device;
    None
}

/// Limits of Linux control groups, versions 2 and 1.
///
/// `sysinfo::System::cgroup_limits` counts cached files as used. A model's weights are mapped files,
/// so a container that has read a model once would seem to have no memory left for it.
#[cfg(target_os = "linux")]
mod cgroup {
    use std::fs::read_to_string;
    use std::path::{Path, PathBuf};

    /// Bytes that the process's control groups leave; `root` is `/` except in tests.
    pub(super) fn available(root: &Path) -> Option<u64> {
        let groups = read_to_string(root.join("proc/self/cgroup")).ok()?;
        groups
            .lines()
            .filter_map(|line| available_in(root, line))
            .min()
    }

    /// Bytes that the group of a line of `/proc/self/cgroup` and its ancestors leave.
    fn available_in(root: &Path, line: &str) -> Option<u64> {
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
        // In a container the path is often that of the host, and the group itself is mounted.
        let mut group = mount.join(path.trim_start_matches('/'));
        if !group.is_dir() {
            group.clone_from(&mount);
        }
        let groups = group.ancestors().take_while(|at| at.starts_with(&mount));
        groups.filter_map(|group| remaining(group, names)).min()
    }

    fn remaining(group: &Path, [limit, used, cached]: [&str; 3]) -> Option<u64> {
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

        #[test]
        fn no_control_group_sets_no_limit() {
            assert_eq!(available(system(&[]).path()), None);
            let unlimited = system(&[
                ("proc/self/cgroup", "0::/a\n"),
                ("sys/fs/cgroup/a/memory.max", "max\n"),
            ]);
            assert_eq!(available(unlimited.path()), None);
        }

        #[test]
        fn an_ancestor_may_set_the_limit_and_cached_files_count_as_available() {
            let root = system(&[
                ("proc/self/cgroup", "0::/a/b\n"),
                ("sys/fs/cgroup/a/b/memory.max", "max\n"),
                ("sys/fs/cgroup/a/memory.max", "5000\n"),
                ("sys/fs/cgroup/a/memory.current", "3000\n"),
                (
                    "sys/fs/cgroup/a/memory.stat",
                    "anon 1\ninactive_file 1000\n",
                ),
            ]);
            assert_eq!(available(root.path()), Some(3000));
        }

        #[test]
        fn version_1_groups_are_read() {
            let root = system(&[
                ("proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/abc\n"),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "4000\n"),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1500\n"),
            ]);
            assert_eq!(available(root.path()), Some(2500));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_reports_its_available_memory() {
        assert!(available().is_some_and(|bytes| bytes > 0));
    }
}
