using RunnerScaler.RealCluster;

namespace RunnerScaler.Bench.Images;

/// <summary>Debian's Docker daemon with its containerd, unpacked in a cache and not installed.</summary>
internal static class DockerPackages
{
    /// <summary>The folder in which the packages are unpacked.</summary>
    /// <exception cref="InvalidOperationException">They cannot be had.</exception>
    public static async Task<string> FindOrMakeAsync()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Path.Combine(cache, "runnerscaler", "docker");
        if (File.Exists(Path.Combine(folder, "usr/sbin/dockerd")))
            return folder;
        var fresh = $"{folder}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(fresh);
        try
        {
            await Command.RunAsync("/bin/sh", "-ec", """
                cd "$1"; shift
                apt-get download "$@"
                for file in *.deb; do dpkg -x "$file" .; rm "$file"; done
                """, "sh", fresh, "docker.io", "containerd", "runc");
            Directory.Move(fresh, folder);
            return folder;
        }
        finally
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
        }
    }
}
