using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.RealCluster;

/// <summary>
/// A small Debian as the lowest layer of images: made from packages of debootstrap's own mirror once (a minute or
/// two), then kept in the user's cache folder.
/// </summary>
internal static class DebianLayer
{
    private const string Release = "bookworm";

    /// <param name="packages">What it has besides the least.</param>
    /// <returns>The tar archive.</returns>
    public static async Task<string> FindOrMakeAsync(IReadOnlyList<string> packages, CancellationToken stop)
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache");
        var folder = Directory.CreateDirectory(Path.Combine(cache, "runnerscaler")).FullName;
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{Release} {string.Join(' ', packages)}"));
        var archive = Path.Combine(folder, $"debian-{Convert.ToHexStringLower(key)[..12]}.tar");
        await using var alone = await LockAsync($"{archive}.lock", stop);
        if (!File.Exists(archive))
            await MakeAsync(packages, archive);
        return archive;
    }

    private static async Task MakeAsync(IReadOnlyList<string> packages, string archive)
    {
        var root = Directory.CreateTempSubdirectory("runnerscaler-debian-").FullName;
        try
        {
            // A folder that only its owner may enter is no root for other users.
            await Command.RunAsync("chmod", "0755", root);
            await Command.RunAsync(
                "debootstrap", "--variant=minbase", $"--include={string.Join(',', packages)}", Release, root);
            await Command.RunAsync(
                "tar", "--create", "--file", $"{archive}.new", "--numeric-owner", "--directory", root,
                "--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*", "--exclude=./usr/share/doc/*",
                "--exclude=./usr/share/man/*", "--exclude=./usr/share/locale/*", "--exclude=./var/cache/apt/*",
                "--exclude=./var/lib/apt/lists/*", "--exclude=./var/log/*", ".");
            File.Move($"{archive}.new", archive);
        }
        finally
        {
            await Command.RunAsync("rm", "-rf", "--one-file-system", root);
        }
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop);
            }
        }
    }
}
