using System.Security.Cryptography;
using System.Text;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Sandbox.Scenario;

namespace RunnerScaler.Sandbox.Box;

/// <summary>
/// Plays one scenario: starts the boxes and the controller, lets the workload happen, waits, sums up, stops all.
/// </summary>
internal sealed class SandboxRun(
    ScenarioSpec scenario, FeedSettings feed, int seed, ProgressView progress, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>What is not gone this long after the last job is called left behind.</summary>
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(90);

    private int peakRunners;

    /// <param name="keepRunning">Whether to go on, for a person to look around, until cancelled.</param>
    /// <param name="cancel">Ends the run early, and cleanly.</param>
    public async Task<Summary> RunAsync(bool keepRunning, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-");
        await using var gitHub = await GitHubBox.StartAsync(
            scenario.Repositories, time, new Random(seed), new RestFaults(new Random(seed + 1)));
        await using var cluster = await SandboxCluster.StartAsync(
            scenario.Nodes, gitHub.Organization, seed, time, folder.FullName);
        await cluster.Box.InstallAsync(
            gitHub, scenario.Pool with { UsesScaleSet = feed.Kind == Feed.ScaleSet }, time, cancel);
        if (feed.Kind == Feed.Deliveries)
            gitHub.Organization.OpenHook(feed.Faults, new Random(seed + 5));
        var secret = RandomNumberGenerator.GetHexString(40, lowercase: true);
        await using var controller = ControllerProcess.Start(
            cluster.KubeConfigFor("controller"), folder.FullName,
            options:
            [
                // It listens at loopback alone, and what it knows is made up.
                ("Web:Anonymous", "true"),
                .. feed.Kind == Feed.Webhooks
                    ? [("Web:WebhookSecrets", SecretFolder(folder, secret))]
                    : Array.Empty<(string, string)>(),
            ]);
        progress.Say($"Watch it:   {controller.Web}");
        progress.Say($"GitHub:     {gitHub.OrganizationUrl}");
        progress.Say($"Cluster:    KUBECONFIG={cluster.KubeConfigFor("you")}");
        progress.Say($"Metrics:    {new Uri(controller.Web, "/metrics")}");
        progress.Say($"Log:        {controller.LogPath}");
        await controller.WaitUntilReadyAsync(time, cancel);
        progress.Say($"{scenario.Description} (seed {seed})");

        await using var sender = feed.Kind == Feed.Webhooks
            ? WebhookSender.Start(
                gitHub, controller.Webhook, Encoding.ASCII.GetBytes(secret), feed.Faults, new Random(seed + 5), time)
            : null;
        var began = time.GetTimestamp();
        var problem = await progress.ShowAsync(show => PlayAsync(gitHub, cluster, controller, began, show, cancel));
        var seconds = time.GetElapsedTime(began).TotalSeconds;
        if (keepRunning && problem is null)
        {
            progress.Say("Still running; Ctrl-C ends it.");
            await UntilCancelledAsync(cancel);
        }
        controller.Sample();
        var exit = await controller.StopAsync(time);
        problem ??= exit == 0 ? null : $"The controller ended with code {exit}; its log is {controller.LogPath}.";
        var summary = await SumUpAsync(gitHub, cluster, controller, seconds, problem);
        return sender is null ? summary : summary with { Webhooks = new(sender.Counts.Sent, sender.Counts.Taken) };
    }

    private static string SecretFolder(DirectoryInfo parent, string secret)
    {
        var folder = parent.CreateSubdirectory("webhook").FullName;
        File.WriteAllText(Path.Combine(folder, "secret"), secret);
        return folder;
    }

    private async Task<string?> PlayAsync(
        GitHubBox gitHub, SandboxCluster cluster, ControllerProcess controller, long began, Action<Picture> show,
        CancellationToken cancel)
    {
        var planned = scenario.Steps.Sum(step => step.Jobs);
        var workload = new Workload(scenario, GitHubBox.Owner, gitHub.Organization, time);
        var playing = Task.WhenAll(
            [workload.PlayAsync(cancel), .. scenario.LostRights.Select(r => LoseAsync(r, cluster.Access, cancel))]);
        long? drainingSince = null;
        while (true)
        {
            controller.Sample();
            var (live, all) = await cluster.Box.CountPodsAsync(cancel);
            peakRunners = Math.Max(peakRunners, live);
            var now = gitHub.Organization.Statistics();
            show(new()
            {
                Since = time.GetElapsedTime(began),
                Queued = now.QueuedNow,
                Running = now.RunningNow,
                Completed = now.CompletedTotal,
                Jobs = now.Queued,
                Planned = workload.IsPlayed ? now.Queued : Math.Max(planned, now.Queued),
                Pods = live,
                Registered = now.RegisteredNow,
                Waits = now.Waits,
            });
            if (playing.IsFaulted)
                await playing;
            if (controller.HasExited)
                return $"The controller ended with code {controller.ExitCode}; its log is {controller.LogPath}.";
            if (drainingSince is null && workload.IsPlayed && now.CompletedTotal == now.Queued)
            {
                drainingSince = time.GetTimestamp();
                await cluster.Box.DropReserveAsync(cancel);
            }
            if (drainingSince is not null && all == 0 && now.RegisteredNow == 0)
                return null;
            if (Overdue(began, drainingSince) is { } problem)
                return $"{problem}; the controller's log is {controller.LogPath}.";
            await Task.Delay(Interval, time, cancel);
        }
    }

    private async Task LoseAsync(RightStep step, AccessRules access, CancellationToken cancel)
    {
        var right = new LostRight(step.Verb, step.Resource);
        await Task.Delay(step.At, time, cancel);
        progress.Say($"The controller may not {step.Verb} {step.Resource} until {step.Until.TotalSeconds:0} s");
        access.TakeAway(right);
        await Task.Delay(step.Until - step.At, time, cancel);
        access.GiveBack(right);
    }

    private string? Overdue(long began, long? drainingSince)
    {
        if (drainingSince is { } since && time.GetElapsedTime(since) > CleanUpTime)
            return $"Something was left behind {CleanUpTime.TotalSeconds:0} s after the last job";
        return time.GetElapsedTime(began) > scenario.Deadline
            ? $"The scenario was not over after {scenario.Deadline.TotalMinutes:0} minutes"
            : null;
    }

    private async Task UntilCancelledAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
        }
        catch (OperationCanceledException)
        {
            // That is how it is meant to end.
        }
    }

    private async Task<Summary> SumUpAsync(
        GitHubBox gitHub, SandboxCluster cluster, ControllerProcess controller, double seconds, string? problem)
    {
        var statistics = gitHub.Organization.Statistics();
        var (_, pods) = await cluster.Box.CountPodsAsync(CancellationToken.None);
        var requests = cluster.RequestsOf("controller");
        var runners = cluster.PodsCreatedBy("controller");
        var perRunner = Math.Max(1, runners);
        return new()
        {
            Scenario = scenario.Name,
            Seed = seed,
            Jobs = statistics.Queued,
            Completed = statistics.CompletedTotal,
            LostContact = statistics.LostContact,
            WaitSeconds = Percentiles.Of(statistics.Waits),
            PeakRunners = peakRunners,
            Github = new(
                gitHub.Counts.Requests, gitHub.Counts.Counted, gitHub.Counts.NotModified,
                gitHub.Counts.Snapshot().GroupBy(c => c.Route).ToDictionary(r => r.Key, r => r.Sum(c => c.Requests))),
            Kubernetes = new(
                requests.Values.Sum(), runners, Math.Round((double)requests.Values.Sum() / perRunner, 2), requests),
            Controller = new(
                Math.Round(controller.ProcessorTime.TotalMilliseconds / perRunner, 1),
                Math.Round(controller.PeakMemory / 1048576.0, 1)),
            Left = new(pods, statistics.RegisteredNow),
            Seconds = Math.Round(seconds, 1),
            Problem = problem,
        };
    }
}
