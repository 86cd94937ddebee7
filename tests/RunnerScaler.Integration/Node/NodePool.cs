using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.Scenario;

namespace RunnerScaler.Integration.Node;

/// <summary>How a test's pool differs from others.</summary>
internal sealed record PoolShape
{
    public int Standby { get; init; }

    /// <summary>Runners that wait at GitHub.</summary>
    public int Idle { get; init; }

    /// <summary>The memory limit of the runner container.</summary>
    public string Memory { get; init; } = "512Mi";

    public int GraceSeconds { get; init; } = 120;
}

/// <summary>A pool of one test, with a label of its own, and what happens to it.</summary>
internal sealed class NodePool : IAsyncDisposable
{
    /// <summary>
    /// How many seconds a test waits for what must come: a pod whose end its kubelet has lost stays a minute longer,
    /// and a busy machine takes its time. Only a test that fails waits so long.
    /// </summary>
    private const int Patience = 180;

    private NodePool(World world, string name) => (World, Name) = (world, name);

    public World World { get; }

    public string Name { get; }

    public IReadOnlyList<PodStory> Pods => World.Pods.Of(Name);

    /// <summary>The registrations of its runners.</summary>
    public IReadOnlyList<Runner> Registrations =>
        [.. World.Organization.RunnersOf(GitHubBox.Owner).Where(r => r.Labels.Contains(Name))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="more">Members of the spec that replace those of the shape.</param>
    public static async Task<NodePool> OpenAsync(World world, string name, PoolShape shape, JsonObject? more = null)
    {
        var spec = ClusterBox.Spec(world.GitHub.OrganizationUrl, new PoolSettings
        {
            Labels = [name],
            MaxRunners = 2,
            Standby = shape.Standby,
            IdleSeconds = 60,
        });
        spec["warm"]!["idle"] = shape.Idle;
        spec["builder"] = new JsonObject { ["mode"] = "None" };
        spec["template"] = JsonNode.Parse($$"""
            {"spec": {"terminationGracePeriodSeconds": {{shape.GraceSeconds}}, "containers": [{"name": "runner",
              "imagePullPolicy": "Never", "resources": {"limits": {"memory": "{{shape.Memory}}"} },
              "env": [{"name": "SANDBOX_SESSIONS", "value": "{{world.SessionsUrl}}"}]}]} }
            """);
        foreach (var (member, value) in more ?? [])
            Merge(spec, member, value);
        await world.Box.AddPoolAsync(name, spec, Cancel);
        return new(world, name);
    }

    /// <summary>Queues a job that only this pool serves.</summary>
    public Job Queue(string name, int seconds)
    {
        var run = World.Organization.QueueRun(World.Repository, new WorkflowSpec("node", new JobSpec(name)
        {
            RunsOn = [Name],
            Duration = TimeSpan.FromSeconds(seconds),
        }));
        return World.Organization.JobsOf(run.Id).Single();
    }

    public Job Now(Job job) => World.Organization.FindJob(job.Id)!;

    /// <summary>The first pod whose runner container runs.</summary>
    public async Task<PodStory> RunningPodAsync()
    {
        await UntilAsync("a pod runs", () => Pods.Any(p => p.Is("running")));
        return Pods.First(p => p.Is("running"));
    }

    public Task UntilAsync(string what, Func<bool> holds, int seconds = Patience) =>
        UntilAsync(what, () => Task.FromResult(holds()), seconds);

    /// <summary>Waits until something holds, and says all that is known if it never does.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, int seconds = Patience)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"after {seconds} s still not so: {what}\n{await DescribeAsync()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }

    /// <summary>The line that a pod's program left at its end.</summary>
    public async Task<JsonObject> LastWordsAsync(PodStory pod)
    {
        await UntilAsync($"{pod.Name} has said how it ended", () => pod.End.Message is not null, seconds: 1);
        return JsonNode.Parse(pod.End.Message!)!.AsObject();
    }

    /// <summary>A pod's outcome is counted, by the controller alone.</summary>
    public Task UntilExitAsync(string outcome, int count = 1) => UntilAsync(
        $"{count} runner(s) ended as {outcome}", async () => await World.Metrics.ExitsAsync(Name, outcome) == count);

    /// <summary>No pod and no registration are left.</summary>
    public Task UntilNothingIsLeftAsync() => UntilAsync(
        "nothing is left", () => Pods.All(p => p.GoneAt is not null) && Registrations.Count == 0);

    public async ValueTask DisposeAsync()
    {
        await World.Box.RemovePoolAsync(Name, CancellationToken.None);
        await UntilNothingIsLeftAsync();
        Assert.DoesNotContain(File.ReadLines(World.Controller.LogPath),
            line => line.Contains("forbidden", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>All that is known of it.</summary>
    public async Task<string> DescribeAsync() => string.Join('\n', (string[])[
        $"--- pool: {(await World.Box.PoolStatusAsync(Name, Cancel))?.ToJsonString()}",
        .. Pods.Select(p => $"--- pod {p.Name} {p.Uid}, gone at {p.GoneAt}: {p.Last["status"]?.ToJsonString()}"),
        .. Registrations.Select(r => $"--- {r.Name} {(r.Online ? "online" : "offline")} {(r.Busy ? "busy" : "idle")}"),
        "--- controller", .. File.ReadLines(World.Controller.LogPath).TakeLast(40), World.Node.Describe(),
    ]);

    // Objects are merged, and so are the first elements of lists: a template has one container.
    public static void Merge(JsonObject into, string member, JsonNode? value)
    {
        if (into[member] is JsonObject old && value is JsonObject changes)
            foreach (var (name, change) in changes)
                Merge(old, name, change);
        else if (into[member] is JsonArray and [JsonObject first, ..] && value is JsonArray and [JsonObject only])
            foreach (var (name, change) in only)
                Merge(first, name, change);
        else
            into[member] = value?.DeepClone();
    }
}
