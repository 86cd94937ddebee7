using System.Text;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Integration.Whole;

/// <summary>What a collector of traces gets from the controller.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task EachJobIsATrace()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var box = await ControllerBox.OpenAsync(new()
        {
            Options = new() { ["Telemetry:OtlpEndpoint"] = collector.Address },
        }))
        {
            await box.StartReadyAsync();
            box.Queue(seconds: 2, jobs: 2);
            await box.HoldsAsync("the jobs end", () => box.Organization.Statistics().CompletedTotal == 2);
            await box.HoldsAsync("their pods are gone", () => !box.HasPods);
            await box.HoldsAsync("both are sent", () => Roots(collector).Length == 2);
        }

        foreach (var root in Roots(collector))
        {
            Assert.Empty(root.Parent);
            Assert.Equal($"{GitHubBox.Owner}/{ControllerBox.Repository}", root.Tags["vcs.repository.name"]);
            Assert.Equal("RanJob", root.Tags["runnerscaler.outcome"]);
            Assert.Equal("success", root.Tags["cicd.pipeline.task.run.result"]);
            Assert.Contains("/job/", root.Tags["cicd.pipeline.task.run.url.full"], StringComparison.Ordinal);
            var parts = collector.Spans.Where(s => s.Trace == root.Trace && s.Name != "job").ToArray();
            Assert.Contains("run", parts.Select(p => p.Name));
            Assert.All(parts, part => Assert.Equal(root.Id, part.Parent));
            Assert.All(parts, part => Assert.True(root.From <= part.From && part.To <= root.To, $"{part}"));
        }
    }

    [Fact]
    public async Task WhatTheBuilderTookAndEachBuildArePartsOfIt()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var box = await ControllerBox.OpenAsync(new()
        {
            Options = new() { ["Telemetry:OtlpEndpoint"] = collector.Address },
            Program = runner => new BuilderProgram(runner),
        }))
        {
            await box.StartReadyAsync();
            var took = TimeSpan.FromSeconds(1);
            box.Organization.QueueRun(
                $"{GitHubBox.Owner}/{ControllerBox.Repository}",
                new WorkflowSpec("ci", new JobSpec("build")
                {
                    RunsOn = ["self-hosted", "linux"],
                    Duration = TimeSpan.FromSeconds(4),
                    Builds =
                    [
                        new(BuildCommand.Build, BuildResult.Success, took, 9, 4),
                        new(BuildCommand.Bake, BuildResult.Failure, took, null, null),
                    ],
                }));
            await box.HoldsAsync("the trace is sent", () => Roots(collector).Length == 1);
        }

        var (root, spans) = (Roots(collector).Single(), collector.Spans);
        Assert.Single(spans, s => s.Name == "builder");
        var builds = spans.Where(s => s.Name == "build").OrderBy(s => s.From).ToArray();
        Assert.Equal(
            ["build success True", "bake failure False"],
            builds.Select(b => $"{b.Tags["runnerscaler.build.command"]} {b.Tags["runnerscaler.build.result"]} "
                + $"{b.Tags.ContainsKey("runnerscaler.build.steps")}"));
        var run = spans.Single(s => s.Name == "run");
        Assert.All(builds, b => Assert.Equal((root.Trace, root.Id), (b.Trace, b.Parent)));
        Assert.All(builds, b => Assert.True(run.From <= b.From && b.To <= run.To, $"{b}"));
    }

    /// <summary>A runner that tells that its builder took long.</summary>
    private sealed class BuilderProgram(IPodProgram runner) : IPodProgram
    {
        public async Task<PodExit> RunAsync(PodContext context, CancellationToken stop)
        {
            var exit = await runner.RunAsync(context, stop);
            var said = TerminationMessage.Read(exit.Message) with { Start = new(TimeSpan.FromHours(1), null, null) };
            return PodExit.Of(exit.Code, Encoding.UTF8.GetString(said.Write()));
        }
    }

    [Fact]
    public async Task ACollectorThatIsGoneHoldsNothingUp()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Options = new() { ["Telemetry:OtlpEndpoint"] = "http://127.0.0.1:1" },
        });
        await box.StartReadyAsync();
        box.Queue();
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        await box.HoldsAsync("its pod is gone", () => !box.HasPods);
        await box.StopControllerAsync();
    }

    private static ReceivedSpan[] Roots(OtlpReceiver collector) => [.. collector.Spans.Where(s => s.Name == "job")];
}
