using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes.Pools;

public sealed class PoolStatusTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PoolKey Key = new("ci", "linux");

    private readonly FakeTimeProvider time = new(Noon);
    private readonly List<JsonNode> written = [];
    private int code = 200;
    private int version = 5;

    [Fact]
    public void ATransitionKeepsItsTimeWhileTheStatusStays()
    {
        var first = PoolStatusJson.Render(Report(ready: true, "Fine"), [], Noon);
        var second = PoolStatusJson.Render(Report(ready: true, "Better"), first, Noon.AddHours(1));
        var third = PoolStatusJson.Render(Report(ready: false, "Worse"), second, Noon.AddHours(2));
        Assert.Equal(
            ["2030-01-01T12:00:00Z", "2030-01-01T12:00:00Z", "2030-01-01T14:00:00Z"],
            new[] { first, second, third }.Select(s => (string?)s["conditions"]![0]!["lastTransitionTime"]));
    }

    [Fact]
    public void ConditionsOfOthersAreKept()
    {
        var current = JsonNode.Parse("""{"conditions":[{"type":"Audited","status":"True"}]}""")!.AsObject();
        var status = PoolStatusJson.Render(Report(), current, Noon);
        Assert.Equal(["Ready", "Audited"], status["conditions"]!.AsArray().Select(c => (string?)c!["type"]));
    }

    [Fact]
    public void ConditionsOfOursThatTheReportHasNotAreGone()
    {
        var current = JsonNode.Parse(
            """{"conditions":[{"type":"QueueRead","status":"True"},{"type":"CacheFound","status":"True"}]}""")!;
        var status = PoolStatusJson.Render(Report(), current.AsObject(), Noon);
        Assert.Equal(["Ready"], status["conditions"]!.AsArray().Select(c => (string?)c!["type"]));
    }

    [Fact]
    public void AMessageIsOneLineOfAtMost1024Characters()
    {
        var report = Report() with
        {
            Conditions = [new PoolCondition("Ready", false, "Worse", "a\n\u001b[2J\u202e" + new string('x', 5000))],
        };
        var condition = PoolStatusJson.Render(report, [], Noon)["conditions"]![0]!;
        var message = (string)condition["message"]!;
        Assert.Equal(1024, message.Length);
        Assert.StartsWith("a  [2J x", message, StringComparison.Ordinal);
        Assert.Equal(3, (long?)condition["observedGeneration"]);
    }

    [Fact]
    public void WhatIsThereAlreadyNeedsNoWriting()
    {
        var there = PoolStatusJson.Render(Report(), [], Noon);
        var read = JsonNode.Parse(there.ToJsonString())!.AsObject();
        Assert.True(PoolStatusJson.Holds(PoolStatusJson.Render(Report(), read, Noon.AddHours(1)), read));
        Assert.False(PoolStatusJson.Holds(PoolStatusJson.Render(Report(busy: 1), read, Noon), read));
    }

    [Fact]
    public async Task TheSameReportIsWrittenOnce()
    {
        await using var server = Server();
        var writer = Writer(server, leads: true);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await writer.ReportAsync(Key, Report(), TestContext.Current.CancellationToken));
            time.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.Equal("pool-uid", (string?)Assert.Single(written)["metadata"]!["uid"]);
    }

    [Fact]
    public async Task OfManyReportsInASecondTheFirstAndTheLastAreWritten()
    {
        await using var server = Server();
        var writer = Writer(server, leads: true);
        using var stop = new CancellationTokenSource();
        var run = writer.RunAsync(stop.Token);
        for (var busy = 1; busy <= 9; busy++)
            Assert.True(await writer.ReportAsync(Key, Report(busy: busy), stop.Token));
        Assert.Single(written);
        await Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(0.1));
                return written.Count == 2;
            },
            "the last report is written");
        Assert.Equal([1, 9], written.Select(w => (int?)w["status"]!["runners"]!["busy"]));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 409)]
    [InlineData(true, 503)]
    public async Task WhatCouldNotBeWrittenIsSaid(bool leads, int answer)
    {
        code = answer;
        await using var server = Server();
        Assert.False(await Writer(server, leads).ReportAsync(Key, Report(), TestContext.Current.CancellationToken));
        Assert.Equal(leads ? 1 : 0, server.Requests.Count);
    }

    private static PoolReport Report(bool ready = true, string reason = "Fine", int busy = 0) => new()
    {
        Generation = 3,
        Conditions = [new PoolCondition("Ready", ready, reason, "A sentence.")],
        Runners = new RunnerCounts(0, 0, 0, busy, 0),
        Unserved = ImmutableDictionary<WaitReason, int>.Empty.Add(WaitReason.PoolFull, 2),
    };

    private StubServer Server() => StubServer.Start(async context =>
    {
        var patch = JsonNode.Parse(await StubServer.Body(context))!;
        written.Add(patch);
        var answer = JsonNode.Parse(PoolJson.Object(PoolJson.Least))!;
        answer["metadata"]!["resourceVersion"] = $"{++version}";
        answer["status"] = patch["status"]!.DeepClone();
        await StubServer.Json(context, code, answer.ToJsonString());
    });

    private PoolStatusWriter Writer(StubServer server, bool leads)
    {
        var gate = new LeaderGate(time);
        if (leads)
            gate.Hold(time.GetTimestamp(), TimeSpan.FromHours(1));
        var entry = new PoolEntry(PoolJson.Parse(PoolJson.Object(PoolJson.Least)));
        return new PoolStatusWriter(server.Api(time), gate, _ => entry, time, NullLogger.Instance);
    }
}
