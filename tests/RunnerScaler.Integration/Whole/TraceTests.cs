using RunnerScaler.Sandbox.Box;

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
