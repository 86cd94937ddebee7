using System.Diagnostics;
using RunnerScaler.Hosting;

namespace RunnerScaler.Tests.Hosting;

/// <summary>The script that makes the program a plugin of kubectl, run by the shell.</summary>
public sealed class PluginTests : IDisposable
{
    private const string Script = "kubectl-runnerscaler";

    private static readonly string Pack = Path.Combine(Tidy.Repository.Root, "deploy", "program", "pack.sh");

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

    [Fact]
    public async Task AReleaseHasItUnderItsOwnName()
    {
        var published = folder.CreateSubdirectory("published").FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, Script), Path.Combine(published, Script));
        await WriteProgramAsync(Path.Combine(published, "RunnerScaler"), "printf '%s|' \"$0\" \"$@\"");
        string[] pack = ["1.2.3", "linux-x64", published, folder.FullName];

        Assert.Equal("", await RunAsync(Pack, pack));
        await RunAsync("-c", "cd \"$0\" && sha256sum --check --quiet *.sha256 && tar -xzf *.tar.gz", folder.FullName);

        var unpacked = Path.Combine(folder.FullName, "runnerscaler-1.2.3-linux-x64");
        Assert.Equal(
            ["LICENSE", Script, "runnerscaler"], Directory.GetFiles(unpacked).Select(Path.GetFileName).Order());
        var program = Path.Combine(unpacked, "runnerscaler");
        Assert.Equal($"{program}|doctor|", await RunAsync(Path.Combine(unpacked, Script), "doctor"));
    }

    [Theory]
    [InlineData("", 2, "usage: pack.sh VERSION PLATFORM PUBLISHED TO")]
    [InlineData("kubectl-runnerscaler", 1, "has no RunnerScaler: publish the program there")]
    [InlineData("kubectl-runnerscaler RunnerScaler RunnerScaler.dll", 1, "needs .NET: publish it with -r linux-x64")]
    public async Task WhatIsNoNativeProgramIsNotPacked(string files, int code, string problem)
    {
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await File.Create(Path.Combine(folder.FullName, file)).DisposeAsync();
        string[] arguments = files.Length == 0 ? [] : ["1.2.3", "linux-x64", folder.FullName, folder.FullName];

        var (ended, _, said) = await ShellAsync([Pack, .. arguments]);

        Assert.Equal(code, ended);
        Assert.EndsWith($"{problem}\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.GetFiles(), f => f.Name.EndsWith(".gz", StringComparison.Ordinal));
    }

    /// <summary>What a copy of the script alone has to say.</summary>
    [Fact]
    public async Task WithoutItsProgramItSaysWhatToDo()
    {
        var copy = Path.Combine(folder.FullName, Script);
        File.Copy(Path.Combine(AppContext.BaseDirectory, Script), copy);

        var (code, _, said) = await ShellAsync([copy, "doctor"]);

        Assert.Equal(1, code);
        Assert.Contains("link this file instead of copying it", said, StringComparison.Ordinal);
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var (code, output, said) = await ShellAsync([script, .. arguments]);
        Assert.Equal((0, ""), (code, said));
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> ShellAsync(string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo("/bin/sh", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var cancel = TestContext.Current.CancellationToken;
        var (output, error) = (run.StandardOutput.ReadToEndAsync(cancel), run.StandardError.ReadToEndAsync(cancel));
        await run.WaitForExitAsync(cancel);
        return (run.ExitCode, await output, await error);
    }
}
