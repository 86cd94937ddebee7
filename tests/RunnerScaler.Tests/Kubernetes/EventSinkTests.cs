using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class EventSinkTests
{
    private static readonly PoolKey Pool = new("ci", "linux");

    private readonly FakeTimeProvider time = new();
    private readonly List<JsonNode> published = [];

    [Fact]
    public async Task TheSameIsPublishedOnceInTwoMinutes() => await RunAsync(leads: true, async sink =>
    {
        sink.Publish(Pool, true, "PodRefused", "Over quota.");
        sink.Publish(Pool, true, "PodRefused", "Over quota.");
        sink.Publish(Pool, true, "PodRefused", "Another note.");
        sink.Publish(Pool, false, "Scaled", "Two more.");
        await Eventually.Holds(() => published.Count == 3, "three Events");
        time.Advance(TimeSpan.FromMinutes(2));
        sink.Publish(Pool, true, "PodRefused", "Over quota.");
        await Eventually.Holds(() => published.Count == 4, "the fourth");
        var first = published[0];
        Assert.Equal(
            ("PodRefused", "Over quota.", "Warning"),
            ((string?)first["reason"], (string?)first["note"], (string?)first["type"]));
        Assert.Equal(
            ("runnerscaler.io/v1alpha1", "RunnerPool", "ci", "linux", "uid-1"),
            (Of("apiVersion"), Of("kind"), Of("namespace"), Of("name"), Of("uid")));
        Assert.Equal(4, published.Select(p => (string?)p["metadata"]!["name"]).Distinct().Count());

        string? Of(string field) => (string?)first["regarding"]![field];
    });

    [Fact]
    public async Task WithoutTheLeaseNothingIsPublished() => await RunAsync(leads: false, sink =>
    {
        sink.Publish(Pool, true, "PodRefused", "Over quota.");
        Assert.Empty(published);
        return Task.CompletedTask;
    });

    [Fact]
    public async Task ALongNoteIsShortened() => await RunAsync(leads: true, async sink =>
    {
        sink.Publish(Pool, true, "PodRefused", new string('x', 5000));
        await Eventually.Holds(() => published.Count == 1, "an Event");
        Assert.InRange(((string?)published[0]["note"])!.Length, 1, 1024);
    });

    private async Task RunAsync(bool leads, Func<EventSink, Task> test)
    {
        await using var server = StubServer.Start(async c =>
        {
            published.Add(JsonNode.Parse(await StubServer.Body(c))!);
            await StubServer.Json(c, 201, "{}");
        });
        var gate = new LeaderGate(time);
        if (leads)
            gate.Hold(time.GetTimestamp(), TimeSpan.FromHours(1));
        var sink = new EventSink(
            server.Api(time), "me", _ => "uid-1", gate, new Random(1), time, NullLogger<EventSink>.Instance);
        using var stop = new CancellationTokenSource();
        var run = sink.RunAsync(stop.Token);
        await test(sink);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
