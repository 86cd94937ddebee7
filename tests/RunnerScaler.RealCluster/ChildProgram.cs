using System.Diagnostics;

namespace RunnerScaler.RealCluster;

/// <summary>
/// A program that runs until it is disposed, or until this process ends in whatever way: a shell in between holds
/// our end of a pipe and stops the program when the pipe closes.
/// </summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private const int KeptLines = 40;
    private const string Watch = """
        exec 3<&0
        "$@" 3<&- </dev/null &
        program=$!
        { cat <&3 >/dev/null; kill $program; } 2>/dev/null &
        watcher=$!
        wait $program
        kill $watcher 2>/dev/null
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly Process shell;
    private readonly Queue<string> lastLines = new();

    private ChildProgram(Process shell) => this.shell = shell;

    public bool HasExited => shell.HasExited;

    /// <summary>What the program wrote last, to both outputs.</summary>
    public string LastOutput
    {
        get
        {
            lock (lastLines)
                return string.Join('\n', lastLines);
        }
    }

    public static ChildProgram Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["-c", Watch, "sh", program, .. arguments])
            start.ArgumentList.Add(argument);
        var child = new ChildProgram(new Process { StartInfo = start });
        child.shell.OutputDataReceived += (_, line) => child.Keep(line.Data);
        child.shell.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        child.shell.Start();
        child.shell.BeginOutputReadLine();
        child.shell.BeginErrorReadLine();
        return child;
    }

    /// <summary>Asks the program to end and waits for it; kills it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        shell.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await shell.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync(CancellationToken.None);
        }
        shell.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (lastLines)
        {
            if (lastLines.Count == KeptLines)
                lastLines.Dequeue();
            lastLines.Enqueue(line);
        }
    }
}
