using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace RunnerImage.Tests.Image;

/// <summary>
/// A container as a kubelet would start it with the least of rights: the image's own user and command, no capability,
/// no new privileges; with the machine's network, so that it reaches servers of the test.
/// </summary>
internal sealed class Container : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string id = $"runnerscaler-{Guid.NewGuid():N}"[..24];
    private readonly string bundle;
    private readonly Process process;
    private readonly StringBuilder output = new();

    private Container(string bundle)
    {
        this.bundle = bundle;
        process = Tool.Start("runc", "--root", Path.Combine(bundle, "state"), "run", "--bundle", bundle, id);
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <param name="bundle">A folder for runc.</param>
    /// <param name="image">How the image wants to be started.</param>
    /// <param name="root">The image's files.</param>
    /// <param name="readOnly">Whether it may write to none of them.</param>
    /// <param name="environment">Variables besides the image's own.</param>
    /// <param name="files">Files of this machine that it sees, by their places.</param>
    public static Container Start(string bundle, ImageConfig image, string root, bool readOnly,
        IReadOnlyDictionary<string, string> environment, params (string Place, string File)[] files)
    {
        Directory.CreateDirectory(bundle);
        var ids = image.User.Split(':').Select(int.Parse).ToArray();
        object[] mounts =
        [
            Mount("/proc", "proc", "proc"),
            Mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"),
            Mount("/dev/shm", "tmpfs", "shm", "nosuid", "nodev", "mode=1777"),
            .. files.Select(f => Mount(f.Place, "bind", f.File, "rbind")),
        ];
        var spec = new
        {
            ociVersion = "1.0.2",
            process = new
            {
                terminal = false,
                user = new { uid = ids[0], gid = ids[1] },
                args = image.Command,
                env = image.Environment.Concat(environment.Select(v => $"{v.Key}={v.Value}")),
                cwd = image.Folder,
                capabilities = new { },
                noNewPrivileges = true,
            },
            root = new { path = root, @readonly = readOnly },
            mounts,
            linux = new { namespaces = new[] { "pid", "ipc", "uts", "mount" }.Select(type => new { type }) },
        };
        File.WriteAllText(Path.Combine(bundle, "config.json"), JsonSerializer.Serialize(spec));
        return new Container(bundle);
    }

    /// <summary>Waits until it has printed something.</summary>
    public async Task PrintsAsync(string text)
    {
        for (var clock = Stopwatch.StartNew(); !Output.Contains(text, StringComparison.Ordinal);)
        {
            if (process.HasExited || clock.Elapsed > Patience)
                Assert.Fail($"it never printed \"{text}\" but:\n{Output}");
            await Task.Delay(20);
        }
    }

    public Task SignalAsync(string signal) =>
        Tool.RunAsync("runc", "--root", Path.Combine(bundle, "state"), "kill", id, signal);

    /// <summary>A line of what the kernel says of its first process.</summary>
    public async Task<string> StatusAsync(string name)
    {
        using var state = JsonDocument.Parse(
            await Tool.RunAsync("runc", "--root", Path.Combine(bundle, "state"), "state", id));
        var lines = await File.ReadAllLinesAsync($"/proc/{state.RootElement.GetProperty("pid").GetInt32()}/status");
        return lines.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal));
    }

    /// <returns>The exit code.</returns>
    public async Task<int> EndsAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"it did not end within {Patience}:\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.TryAsync("runc", "--root", Path.Combine(bundle, "state"), "delete", "--force", id);
        process.Dispose();
    }

    private static object Mount(string destination, string type, string source, params string[] options) =>
        new { destination, type, source, options };

    private void Add(string? line)
    {
        lock (output)
            output.AppendLine(line);
    }
}
