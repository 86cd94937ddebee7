using System.Diagnostics;
using System.Globalization;
using RunnerScaler.Sandbox.Cluster;

namespace RunnerScaler.Sandbox.Box;

/// <summary>The controller itself, unmodified, as a process of its own.</summary>
internal sealed class ControllerProcess : IAsyncDisposable
{
    /// <summary>For a machine that does much else; a controller is ready after a second or two.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Longer than the controller gives itself (<c>Process:StopWithin</c>).</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);


    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Task copying;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };

    private ControllerProcess(
        Process process, StreamWriter log, int port, Uri claims, int webhooksPort, string logPath)
    {
        Claims = claims;
        Webhook = new Uri(string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{webhooksPort}/webhooks/github"));
        this.process = process;
        this.log = log;
        Web = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        LogPath = logPath;
        copying = Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));
    }

    /// <summary>Where it answers <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>.</summary>
    public Uri Web { get; }

    /// <summary>Where pods claim their job.</summary>
    public Uri Claims { get; }

    /// <summary>Where it takes GitHub's webhook, if it was given secrets for it.</summary>
    public Uri Webhook { get; }

    /// <summary>The file that holds all it printed.</summary>
    public string LogPath { get; }

    public bool HasExited => process.HasExited;

    /// <summary>Null while it runs.</summary>
    public int? ExitCode => process.HasExited ? process.ExitCode : null;

    /// <summary>The working set that <see cref="Sample"/> saw last, in bytes.</summary>
    public long Memory { get; private set; }

    /// <summary>The largest that it saw.</summary>
    public long PeakMemory { get; private set; }

    public TimeSpan ProcessorTime { get; private set; }

    /// <param name="kubeConfig">How it reaches the cluster.</param>
    /// <param name="folder">A folder of this run, for its log.</param>
    /// <param name="claimsAddress">Where pods reach it.</param>
    /// <param name="options">Further options, each with its name as in <c>docs/configuration.md</c>.</param>
    public static ControllerProcess Start(
        string kubeConfig, string folder, string claimsAddress = "127.0.0.1",
        params (string Name, string Value)[] options)
    {
        var ports = FreePorts.Take(3);
        var (port, claimsPort, webhooksPort) = (ports[0], ports[1], ports[2]);
        var program = ControllerProgram.Chosen;
        var start = new ProcessStartInfo(program.File, program.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in program.Environment)
            start.Environment[name] = value;
        Set(start, "Kubernetes__Kubeconfig", kubeConfig);
        Set(start, "Kubernetes__OwnNamespace", ClusterBox.Namespace);
        Set(start, "Kubernetes__RunnerImage", "sandbox/runner:1");
        var claims = new Uri($"https://{claimsAddress}:{claimsPort}/claims");
        Set(start, "Kubernetes__ClaimsUrl", claims.AbsoluteUri);
        Set(start, "Web__Address", "127.0.0.1");
        Set(start, "Web__Port", $"{port}");
        Set(start, "Web__ClaimsAddress", claimsAddress);
        Set(start, "Web__ClaimsPort", $"{claimsPort}");
        Set(start, "Web__WebhooksAddress", "127.0.0.1");
        Set(start, "Web__WebhooksPort", $"{webhooksPort}");
        foreach (var (name, value) in options)
            Set(start, name.Replace(":", "__", StringComparison.Ordinal), value);
        var path = Path.Combine(folder, "controller.log");
        var log = new StreamWriter(path) { AutoFlush = true };
        return new(Process.Start(start)!, log, port, claims, webhooksPort, path);
    }

    /// <summary>Waits until it is ready to work.</summary>
    /// <exception cref="BoxException">It ended, or is not ready in time.</exception>
    public async Task WaitUntilReadyAsync(TimeProvider time, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < Patience)
        {
            if (HasExited)
                throw new BoxException($"The controller ended with code {ExitCode}; its log is {LogPath}.");
            if (await IsReadyAsync(cancel))
                return;
            await Task.Delay(Interval, time, cancel);
        }
        throw new BoxException($"The controller is not ready after {Patience.TotalSeconds:0} s; its log is {LogPath}.");
    }

    /// <summary>Reads what it has used so far.</summary>
    public void Sample()
    {
        if (process.HasExited)
            return;
        process.Refresh();
        Memory = process.WorkingSet64;
        PeakMemory = Math.Max(PeakMemory, Memory);
        ProcessorTime = process.TotalProcessorTime;
    }

    /// <summary>Asks it to end, as Kubernetes would, and waits.</summary>
    /// <returns>Its exit code; -1 if it had to be killed.</returns>
    public async Task<int> StopAsync(TimeProvider time)
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await kill.WaitForExitAsync();
            try
            {
                await process.WaitForExitAsync().WaitAsync(StopTime, time);
            }
            catch (TimeoutException)
            {
                process.Kill();
                await process.WaitForExitAsync();
                return -1;
            }
        }
        await copying;
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        await copying;
        http.Dispose();
        process.Dispose();
        await log.DisposeAsync();
    }

    private static void Set(ProcessStartInfo start, string option, string value) =>
        start.Environment["RunnerScaler__" + option] = value;

    private async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(Web, "/readyz"), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            // It does not listen yet, or the machine is too busy to answer in time.
            return false;
        }
    }

    private async Task CopyAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
            lock (log)
                log.WriteLine(line);
    }
}

/// <summary>The sandbox cannot go on, and why.</summary>
internal sealed class BoxException(string message) : Exception(message);
