using System.Diagnostics;
using RunnerScaler.Hosting;

namespace RunnerScaler.Tests.Hosting;

/// <summary>The script that makes the program a plugin of kubectl, run by the shell.</summary>
public sealed class PluginTests : IDisposable
{
    private const string Script = "kubectl-runnerscaler";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("runnerscaler-");

    public PluginTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the script is for a POSIX shell");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData]
    [InlineData("--Web:Port=9000")]
    public async Task ItIsNeverAController(params string[] arguments) => Assert.Equal(
        CommandLine.Usage(), await RunAsync(Path.Combine(AppContext.BaseDirectory, Script), arguments));

    [Fact]
    public async Task ThroughALinkItRunsTheNativeProgramThatItLiesBeside()
    {
        var program = folder.CreateSubdirectory("program");
        File.Copy(Path.Combine(AppContext.BaseDirectory, Script), Path.Combine(program.FullName, Script));
        await WriteProgramAsync(Path.Combine(program.FullName, "RunnerScaler"), "printf '%s|' \"$@\"");
        var link = Path.Combine(folder.FullName, Script);
        File.CreateSymbolicLink(link, Path.Combine("program", Script));

        Assert.Equal("explain|a b|", await RunAsync(link, "explain", "a b"));
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static async Task<string> RunAsync(string script, params string[] arguments)
    {
        using var run = Process.Start(
            new ProcessStartInfo("/bin/sh", [script, .. arguments]) { RedirectStandardOutput = true })!;
        var output = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, run.ExitCode);
        return output;
    }
}
