using System.Diagnostics;
using System.Net.Sockets;
using RunnerImage.Builders;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Processes;

/// <summary>How a run of a program ended.</summary>
internal sealed record Ran(int Code, string Output, string Error);

/// <summary>
/// A folder laid out as the image is, with the program itself and scripts in the place of Docker's programs, and a
/// socket where BuildKit would listen. The variable RUNNERIMAGE_PROGRAM names another build of the program, such
/// as one compiled ahead of time.
/// </summary>
internal sealed class PodImage : IDisposable
{
    private static readonly string[] ProgramFiles =
    [
        "runnerscaler-pod", "runnerscaler-pod.dll", "runnerscaler-pod.deps.json", "runnerscaler-pod.runtimeconfig.json",
        "RunnerScaler.Protocol.dll", "ZstdSharp.dll",
    ];

    private Socket? buildKit;

    public PodImage(string script = "")
    {
        Directory.CreateDirectory(In("bin"));
        Directory.CreateDirectory(In("state"));
        Directory.CreateDirectory(In("home"));
        if (Environment.GetEnvironmentVariable("RUNNERIMAGE_PROGRAM") is { Length: > 0 } other)
            File.Copy(other, In("bin/runnerscaler-pod"));
        else
            foreach (var file in ProgramFiles)
                File.Copy(Path.Combine(AppContext.BaseDirectory, file), In("bin/" + file));
        Script("real/docker-buildx", script);
        Variables = new()
        {
            ["HOME"] = In("home"),
            [PodVariables.StateFolder] = In("state"),
            [PodVariables.BuilderMode] = nameof(BuilderMode.Sidecar),
            [PodVariables.BuilderAddresses] = $"unix://{In("buildkitd.sock")}",
            [BuilderEntry.Variable] = BuilderEntry.Name,
            ["OUT"] = Root,
            ["PATH"] = $"{In("path")}:/usr/bin:/bin",
        };
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("pod-image").FullName;

    public Dictionary<string, string> Variables { get; }

    /// <summary>The program and its first arguments through which all others are started; none for no such.</summary>
    public string[] Through { get; set; } = [];

    public string Program => In("bin/runnerscaler-pod");

    public string In(string path) => Path.Combine(Root, path);

    /// <summary>What a script has written.</summary>
    public string Read(string path) => File.Exists(In(path)) ? File.ReadAllText(In(path)) : "";

    public IEnumerable<string> Notes() => Directory.Exists(In("state/builds"))
        ? Directory.EnumerateFiles(In("state/builds")).Order().Select(File.ReadAllText)
        : [];

    public void Script(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        // Written by another process: a file that this one has open for writing cannot be executed by a child that
        // another test forks meanwhile.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh", In(path)])
        {
            RedirectStandardInput = true,
        };
        using var shell = Process.Start(start)!;
        shell.StandardInput.Write($"#!/bin/bash\n{text}\n");
        shell.StandardInput.Close();
        shell.WaitForExit();
    }

    /// <summary>Lets something listen where BuildKit should.</summary>
    public PodImage Listening()
    {
        buildKit = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        buildKit.Bind(new UnixDomainSocketEndPoint(In("buildkitd.sock")));
        buildKit.Listen();
        return this;
    }

    public Process Start(string program, params string[] arguments)
    {
        string[] line = [.. Through, program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Root,
        };
        start.Environment.Clear();
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
            start.Environment["DOTNET_ROOT"] = root;
        return Process.Start(start)!;
    }

    /// <summary>Runs the program under a name.</summary>
    public Task<Ran> RunAsync(params string[] arguments) => EndAsync(Start(Program, arguments));

    public static async Task<Ran> EndAsync(Process process, string input = "")
    {
        using (process)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var said = await error;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new(process.ExitCode, output, said);
        }
    }

    public void Dispose()
    {
        buildKit?.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}
