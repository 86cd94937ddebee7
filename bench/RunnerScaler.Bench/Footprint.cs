using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Sandbox.Scenario;
using Spectre.Console;

namespace RunnerScaler.Bench;

/// <summary>
/// What the controller takes of its node: the time until it is ready, its memory with no pod, with many whose claims it
/// holds as it is delivered, and with the claims of all of them held, and its processor time for each runner of the
/// sandbox's default scenario.
/// </summary>
/// <param name="pods">How many pods are many.</param>
/// <param name="time">The clock.</param>
internal sealed class Footprint(int pods, TimeProvider time)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Measures the managed build and the published one by turns, and takes each one's medians.</summary>
    public async Task<IReadOnlyDictionary<string, FootprintFigures>> CompareAsync(int rounds, CancellationToken cancel)
    {
        var native = ControllerProgram.Native;
        var programs = native is null
            ? new Dictionary<string, string?> { ["managed"] = null }
            : new Dictionary<string, string?> { ["managed"] = null, ["native"] = native };
        var seen = programs.Keys.ToDictionary(name => name, _ => new List<FootprintFigures>());
        for (var round = 0; round < rounds; round++)
            foreach (var (name, program) in programs)
            {
                Environment.SetEnvironmentVariable(ControllerProgram.Variable, program);
                seen[name].Add(await RunAsync(cancel));
                Console.Error.WriteLine($"round {round + 1}, {name}: {seen[name][^1]}");
            }
        return seen.ToDictionary(s => s.Key, s => FootprintFigures.MedianOf(s.Value));
    }

    private async Task<FootprintFigures> RunAsync(CancellationToken cancel)
    {
        var (ready, start, idle) = await IdleAsync(cancel);
        var full = await FullAsync(cancel);
        var held = await FullAsync(cancel, ("Control:HeldClaims", "99999"), ("Web:MaxClaims", "100000"));
        var console = AnsiConsole.Create(
            new() { Out = new AnsiConsoleOutput(TextWriter.Null), Interactive = InteractionSupport.No });
        var scenario = Scenarios.Find(Scenarios.Default, new Random(1))!;
        var run = new SandboxRun(scenario, new(Feed.Poll, new()), 1, new(console, time), time);
        var life = (await run.RunAsync(keepRunning: false, cancel)).Controller;
        return new(ready, start, MiB(idle), MiB(full), MiB(held), life.CpuMillisecondsPerRunner, life.PeakMemoryMiB);
    }

    /// <summary>Of a controller that has a pool, and nothing to do.</summary>
    private async Task<(double ReadyMilliseconds, double ProcessorMilliseconds, long Memory)> IdleAsync(
        CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-bench-");
        await using var gitHub = await GitHubAsync();
        await using var cluster = await ClusterAsync(gitHub, standby: 0, folder.FullName, cancel);
        var began = time.GetTimestamp();
        await using var controller = ControllerProcess.Start(cluster.KubeConfigFor("controller"), folder.FullName);
        await controller.WaitUntilReadyAsync(time, cancel);
        var ready = time.GetElapsedTime(began);
        controller.Sample();
        var start = controller.ProcessorTime;
        await Task.Delay(Settling, time, cancel);
        controller.Sample();
        await controller.StopAsync(time);
        return (ready.TotalMilliseconds, start.TotalMilliseconds, controller.Memory);
    }

    /// <summary>The memory of one whose pool has all its pods.</summary>
    private async Task<long> FullAsync(CancellationToken cancel, params (string Name, string Value)[] options)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-bench-");
        await using var gitHub = await GitHubAsync();
        await using var cluster = await ClusterAsync(gitHub, pods, folder.FullName, cancel);
        await using var controller = ControllerProcess.Start(
            cluster.KubeConfigFor("controller"), folder.FullName, options: options);
        await controller.WaitUntilReadyAsync(time, cancel);
        await UntilAllLiveAsync(cluster, cancel);
        await Task.Delay(Settling, time, cancel);
        controller.Sample();
        await controller.StopAsync(time);
        return controller.Memory;
    }

    private Task<GitHubBox> GitHubAsync() =>
        GitHubBox.StartAsync(["app"], time, new Random(1), new RestFaults(new Random(2)));

    private async Task<SandboxCluster> ClusterAsync(
        GitHubBox gitHub, int standby, string folder, CancellationToken cancel)
    {
        var cluster = await SandboxCluster.StartAsync(
            new() { Count = (pods / 60) + 1 }, gitHub.Organization, 1, time, folder);
        await cluster.Box.InstallAsync(gitHub, new() { MaxRunners = pods, Standby = standby }, time, cancel);
        return cluster;
    }

    private async Task UntilAllLiveAsync(SandboxCluster cluster, CancellationToken cancel)
    {
        for (var began = time.GetTimestamp(); (await cluster.Box.CountPodsAsync(cancel)).Live < pods;)
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new BoxException($"There were not {pods} pods after {Patience.TotalMinutes:0} minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancel);
        }
    }

    private static double MiB(long bytes) => bytes / 1048576.0;
}

/// <param name="ReadyMilliseconds">From the start of the process until <c>/readyz</c> says so.</param>
/// <param name="StartProcessorMilliseconds">What it used until then.</param>
/// <param name="IdleMiB">Working set with a pool and no pod.</param>
/// <param name="FullMiB">Working set with all pods in standby.</param>
/// <param name="AllHeldMiB">The same, when the claim of each is held.</param>
/// <param name="LifeProcessorMilliseconds">Processor time for each runner of the scenario, the start included.</param>
/// <param name="ScenarioMiB">Largest working set in the scenario.</param>
internal sealed record FootprintFigures(
    double ReadyMilliseconds,
    double StartProcessorMilliseconds,
    double IdleMiB,
    double FullMiB,
    double AllHeldMiB,
    double LifeProcessorMilliseconds,
    double ScenarioMiB)
{
    public static FootprintFigures MedianOf(IReadOnlyCollection<FootprintFigures> rounds)
    {
        double Of(Func<FootprintFigures, double> figure) =>
            Math.Round(rounds.Select(figure).Order().ElementAt(rounds.Count / 2), 1);

        return new(
            Of(r => r.ReadyMilliseconds), Of(r => r.StartProcessorMilliseconds), Of(r => r.IdleMiB), Of(r => r.FullMiB),
            Of(r => r.AllHeldMiB),
            Of(r => r.LifeProcessorMilliseconds), Of(r => r.ScenarioMiB));
    }
}
