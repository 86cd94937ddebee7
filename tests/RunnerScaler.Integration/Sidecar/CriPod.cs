using System.Text.Json.Nodes;
using RunnerScaler.Integration.Sidecar.Runtime;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>A pod on a <see cref="CriNode"/>.</summary>
/// <param name="node">Where it is.</param>
/// <param name="pod">The pod.</param>
/// <param name="folder">For its volumes, logs and last words.</param>
/// <param name="seccomp">The folder of the node's seccomp profiles.</param>
internal sealed class CriPod(CriNode node, JsonObject pod, string folder, string seccomp) : IAsyncDisposable
{
    private const int GraceSeconds = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly KubeletWords words = new(pod, seccomp, Path.Combine(folder, "logs"), node.Space.Name);
    private readonly Dictionary<string, string> containers = [];
    private string sandbox = "";

    /// <summary>What a container has written.</summary>
    public string LogOf(string container)
    {
        var file = Path.Combine(folder, "logs", $"{container}.log");
        // Each line has a time, a stream and a mark before it.
        return File.Exists(file)
            ? string.Join('\n', File.ReadLines(file).Select(line => line.Split(' ', 4)[^1]))
            : "";
    }

    /// <summary>What a container left as its last words.</summary>
    public string LastWordsOf(string container) => File.ReadAllText(LastWords(container));

    /// <exception cref="NotSupportedException">It has something that is not played here.</exception>
    public async Task StartAsync(string token, CancellationToken stop)
    {
        var first = pod.Objects("spec", "initContainers").ToList();
        if (first.Any(c => c.Text("restartPolicy") != "Always" || c["startupProbe"] is not null))
            throw new NotSupportedException("init containers that are waited for are not played here");
        var volumes = new KubeletVolumes(pod, Path.Combine(folder, "volumes"), token);
        volumes.Make();
        WriteHosts();
        var config = words.Sandbox();
        sandbox = (await node.Runtime.RunPodSandboxAsync(new() { Config = config }, cancellationToken: stop))
            .PodSandboxId;
        foreach (var container in first.Concat(pod.Objects("spec", "containers")))
        {
            var name = container.Text("name")!;
            File.WriteAllText(LastWords(name), "");
            KubeletVolumes.Allow(
                LastWords(name),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
                | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
            var made = await node.Runtime.CreateContainerAsync(
                new()
                {
                    PodSandboxId = sandbox,
                    Config = words.Container(container, Mounts(container, volumes)),
                    SandboxConfig = config,
                },
                cancellationToken: stop);
            containers[name] = made.ContainerId;
            await node.Runtime.StartContainerAsync(new() { ContainerId = made.ContainerId }, cancellationToken: stop);
        }
    }

    /// <summary>Waits until a container has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(string container, CancellationToken stop)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await node.Runtime.ContainerStatusAsync(
                new() { ContainerId = containers[container] }, cancellationToken: stop);
            if (answer.Status.State == ContainerState.ContainerExited)
                return answer.Status.ExitCode;
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                Assert.Fail($"{container} has not ended:\n{Describe()}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, stop);
        }
    }

    /// <summary>Runs a program in a container.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunInAsync(string container, CancellationToken stop, params IEnumerable<string> command)
    {
        var answer = await node.Runtime.ExecSyncAsync(
            new() { ContainerId = containers[container], Cmd = { command }, Timeout = GraceSeconds },
            cancellationToken: stop);
        Assert.True(answer.ExitCode == 0, $"{string.Join(' ', command)}: {answer.Stderr.ToStringUtf8()}");
        return answer.Stdout.ToStringUtf8();
    }

    /// <summary>Stops a container as a kubelet does: asks it to end, and ends it if it does not.</summary>
    public Task StopAsync(string container, CancellationToken stop) => node.Runtime.StopContainerAsync(
        new() { ContainerId = containers[container], Timeout = GraceSeconds }, cancellationToken: stop).ResponseAsync;

    public string Describe() => string.Join(
        '\n',
        [.. containers.Keys.Select(c => $"--- {c}\n{LogOf(c)}"), "--- containerd", node.Space.LogOf("containerd")]);

    public async ValueTask DisposeAsync()
    {
        if (sandbox.Length == 0)
            return;
        await node.Runtime.StopPodSandboxAsync(new() { PodSandboxId = sandbox });
        await node.Runtime.RemovePodSandboxAsync(new() { PodSandboxId = sandbox });
    }

    private IEnumerable<(string Place, string Source, bool ReadOnly)> Mounts(
        JsonObject container, KubeletVolumes volumes)
    {
        foreach (var mount in container.Objects("volumeMounts"))
            yield return (
                mount.Text("mountPath")!, volumes.PathOf(mount.Text("name")!, mount.Text("subPath")),
                mount["readOnly"]?.GetValue<bool>() == true);
        yield return (
            container.Text("terminationMessagePath") ?? "/dev/termination-log", LastWords(container.Text("name")!),
            false);
        yield return ("/etc/hosts", Path.Combine(folder, "hosts"), false);
    }

    private void WriteHosts() => File.WriteAllLines(Path.Combine(folder, "hosts"), [
        "127.0.0.1 localhost",
        .. pod.Objects("spec", "hostAliases").Select(alias =>
            $"{alias.Text("ip")} {string.Join(' ', alias["hostnames"]!.AsArray().Select(h => (string?)h))}"),
    ]);

    private string LastWords(string container) => Path.Combine(folder, $"{container}.last-words");
}
