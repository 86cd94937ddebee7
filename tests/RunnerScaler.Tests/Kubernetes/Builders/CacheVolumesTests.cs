using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class CacheVolumesTests
{
    private const string Storage = "GET /apis/storage.k8s.io/v1/storageclasses/fast";
    private const string Snapshot = "GET /apis/snapshot.storage.k8s.io/v1/namespaces/ci/volumesnapshots/warm";
    private const string Claims = "POST /api/v1/namespaces/ci/persistentvolumeclaims";

    private static readonly PoolKey Pool = new("ci", "linux");

    private readonly FakeTimeProvider time = new();
    private readonly ConcurrentDictionary<string, (int Code, string Body)> answers = new();
    private readonly ConcurrentQueue<string> bodies = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatExistsIsAskedForOnceAndNotPerPod()
    {
        await using var server = Start();
        var capabilities = CapabilitiesOf(server);
        for (var slot = 0; slot < 3; slot++)
            Assert.Null(await capabilities.PrepareAsync(Pool, "uid", slot, TestPods.Clone, Cancel));
        Assert.Equal([Storage, Snapshot], server.Requests);
        Assert.Equal(("Found", true), (Known(capabilities)!.Reason, Known(capabilities)!.Holds));
    }

    [Theory]
    [InlineData(Storage, "There is no storage class 'fast': create it, or correct spec.builder.cache.storageClass.")]
    [InlineData(Snapshot, "There is no VolumeSnapshot 'warm' in namespace 'ci': create it, or correct")]
    public async Task WhatIsMissingIsNamedAndNoPodIsMade(string missing, string sentence)
    {
        await using var server = Start();
        answers[missing] = (404, "{}");
        var capabilities = CapabilitiesOf(server);
        var refused = Assert.IsType<CreateResult.Refused>(
            await capabilities.PrepareAsync(Pool, "uid", 0, TestPods.Clone, Cancel));
        Assert.Equal(ProblemReason.BuilderUnavailable, refused.Problem.Reason);
        Assert.Contains(sentence, refused.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(("NotFound", false), (Known(capabilities)!.Reason, Known(capabilities)!.Holds));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    public async Task WhatCannotBeReadIsNotSaidToBeMissing(int code)
    {
        await using var server = Start();
        answers[Storage] = (code, """{"message":"not for you"}""");
        var capabilities = CapabilitiesOf(server);
        Assert.Null(await capabilities.PrepareAsync(Pool, "uid", 0, TestPods.Clone, Cancel));
        Assert.Equal(("NotRead", null), (Known(capabilities)!.Reason, Known(capabilities)!.Holds));
        Assert.Contains("could not be read: not for you.", Known(capabilities)!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(201, "{}", null)]
    [InlineData(409, """{"reason":"AlreadyExists"}""", null)]
    [InlineData(403, """{"message":"no room"}""", typeof(CreateResult.Refused))]
    [InlineData(500, "{}", typeof(CreateResult.NotNow))]
    public async Task ASlotsVolumeIsThereBeforeItsPod(int code, string body, Type? result)
    {
        await using var server = Start();
        answers[Claims] = (code, body);
        var made = await CapabilitiesOf(server).PrepareAsync(Pool, "uid", 7, TestPods.Slots, Cancel);
        Assert.Equal(result, made?.GetType());
        Assert.Equal("linux-7-cache", (string?)JsonNode.Parse(Assert.Single(bodies))!["metadata"]!["name"]);
        if (made is CreateResult.Refused refused)
            Assert.Contains(
                "persistentvolumeclaims 'linux-7-cache'", refused.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatChangesIsSeenAndToldAndWhatNobodyAsksForIsForgotten()
    {
        await using var server = Start();
        answers[Storage] = (404, "{}");
        var capabilities = CapabilitiesOf(server);
        var told = 0;
        capabilities.Changed += () => Interlocked.Increment(ref told);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = capabilities.RunAsync(stop.Token);
        Assert.Null(Known(capabilities));
        await Eventually.Holds(() => Known(capabilities) is { Holds: false }, "it was looked for");
        await Eventually.Holds(() => Volatile.Read(ref told) == 1, "it was told");

        answers[Storage] = (200, "{}");
        await Eventually.Holds(() => Advance() && Known(capabilities) is { Holds: true }, "it was found");
        // More than once, where the clock has gone on while an answer was under way, so that it counts as none.
        await Eventually.Holds(() => Volatile.Read(ref told) >= 2, "that was told too");

        var (before, rounds) = (server.Requests.Count, 0);
        await Eventually.Holds(() => Advance() && ++rounds > 50, "some time goes by");
        Assert.InRange(server.Requests.Count - before, 0, 4);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static PoolCondition? Known(CacheVolumes capabilities) => capabilities.Known("ci", TestPods.Clone);

    private bool Advance()
    {
        time.Advance(CacheVolumes.Period * 0.6);
        return true;
    }

    private StubServer Start() => StubServer.Start(async context =>
    {
        if (context.Request.Method == "POST")
            bodies.Enqueue(await StubServer.Body(context));
        var (code, body) = answers.GetValueOrDefault($"{context.Request.Method} {context.Request.Path}", (200, "{}"));
        await StubServer.Json(context, code, body);
    });

    private CacheVolumes CapabilitiesOf(StubServer server) => new(server.Api(time), new Heartbeats(time), time);
}
