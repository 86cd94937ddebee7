using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.ScaleSets;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub.ScaleSets;

/// <summary>Messages of a scale set's queue, and what can be wrong with them.</summary>
public sealed class ScaleSetSessionTests : IAsyncLifetime
{
    private readonly GitHubRig bench = new();
    private readonly FakeActions actions;
    private readonly ScaleSetSource source;
    private IScaleSetSession session = null!;

    public ScaleSetSessionTests()
    {
        actions = new(bench);
        source = new(bench.Accounts, new ActionsApis(bench.Time), bench.Time, NullLogger<ScaleSetSource>.Instance);
    }

    public async ValueTask InitializeAsync() => await OpenAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task AMessageIsReadWithItsTotals()
    {
        actions.Message = Message(4, """
            [{"messageType":"JobAssigned","runnerRequestId":7,"ownerName":"acme","repositoryName":"app",
              "jobId":"100520616165","jobDisplayName":"build\u202e","workflowRunId":33714470481,
              "requestLabels":["self-hosted"],"queueTime":"2026-09-01T07:59:00Z",
              "scaleSetAssignTime":"0001-01-01T00:00:00Z"},
             {"messageType":"JobStarted","runnerRequestId":6,"runnerId":3,"runnerName":"linux-0-1a2b3c4d"},
             {"messageType":"JobCompleted","runnerRequestId":5,"result":"succeeded","runnerName":"r"},
             {"messageType":"JobAvailable","runnerRequestId":8,"acquireJobUrl":"https://mallory.example/"}]
            """);
        var message = await CameAsync(20);
        Assert.Equal((4L, new ScaleSetStatistics(9, 5, 2)), (message.Id, message.Statistics));
        Assert.Equal(
            [
                ScaleSetEventKind.Assigned, ScaleSetEventKind.Started, ScaleSetEventKind.Completed,
                ScaleSetEventKind.Available,
            ],
            message.Events.Select(e => e.Kind));
        var assigned = message.Events[0];
        Assert.Equal((7L, 100520616165L, 33714470481L), (assigned.RequestId, assigned.JobId, assigned.RunId));
        Assert.Equal(("acme", "app", "build "), (assigned.Owner, assigned.Repository, assigned.Name));
        Assert.Equal((bench.Time.GetUtcNow().AddMinutes(-1), null), (assigned.QueuedAt, assigned.StartedAt));
        Assert.Equal("linux-0-1a2b3c4d", message.Events[1].RunnerName);
        Assert.Equal("succeeded", message.Events[2].Result);
        Assert.Equal(["20"], actions.Capacities);
        Assert.Empty(bench.Metrics.Unknown);
    }

    [Fact]
    public async Task JobsThatGitHubAssignsByItselfHaveNoRequestAndAreNamedByTheirOwnId()
    {
        actions.Message = Message(4, """
            [{"messageType":"JobAssigned","runnerRequestId":0,"jobId":"3a6c1a2e-7f0b-4e53-9d1b-000000000001"},
             {"messageType":"JobStarted","runnerRequestId":0,"jobId":"3a6c1a2e-7f0b-4e53-9d1b-000000000001"},
             {"messageType":"JobAssigned","runnerRequestId":0,"jobId":"100520616165"},
             {"messageType":"JobAssigned","runnerRequestId":0,"jobId":100520616166}]
            """);
        var events = (await CameAsync()).Events;
        Assert.Equal((events[0].Key, events[0].JobId), (events[1].Key, events[1].JobId));
        Assert.True(events[0].JobId < 0);
        Assert.Equal([100520616165, 100520616166], events.Skip(2).Select(e => e.JobId));
    }

    [Fact]
    public async Task NoMessageIsNothingAndTheNextQuestionSaysWhatCameLast()
    {
        Assert.IsType<PollResult.Nothing>(await PollAsync());
        Assert.Equal(0, actions.Count("lastMessageId"));
        actions.Message = Message(12, "[]");
        await CameAsync();
        await CameAsync();
        Assert.Equal(1, actions.Count("GET queue.actions.githubusercontent.com/message?sessionId=s1&lastMessageId=12"));
    }

    [Fact]
    public async Task AMessageIsAcknowledgedBelowTheQueuesAddress()
    {
        Assert.Null(await session.AcknowledgeAsync(12, GitHubRig.Cancel));
        Assert.Equal(1, actions.Count("DELETE queue.actions.githubusercontent.com/message/12?sessionId=s1"));
        Assert.Equal("Bearer queue-1", actions.Calls[^1].Token);
    }

    [Fact]
    public async Task AQueueThatMovesWithANewTokenIsFollowed()
    {
        actions.QueueToken = "queue-2";
        actions.QueueUrl = $"https://{FakeActions.QueueHost}/elsewhere?sessionId=s1";
        Assert.IsType<PollResult.Nothing>(await PollAsync());
        Assert.Equal(1, actions.Count("PATCH "));
        Assert.StartsWith(
            "GET queue.actions.githubusercontent.com/elsewhere", actions.Calls[^1].Call, StringComparison.Ordinal);
        actions.QueueToken = "queue-3";
        Assert.Null(await session.AcknowledgeAsync(1, GitHubRig.Cancel));
        Assert.Equal(2, actions.Count("PATCH "));
    }

    [Fact]
    public async Task ATokenThatStaysRefusedIsRenewedOnce()
    {
        actions.Before = (request, _) => request.RequestUri!.Host == FakeActions.QueueHost
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized)
            : null;
        Assert.IsType<PollResult.Failed>(await PollAsync());
        Assert.Equal((1, 2), (actions.Count("PATCH "), actions.Count("GET queue.")));
    }

    [Fact]
    public async Task ASessionWhoseSetWasDeletedIsGone()
    {
        (actions.Labels, actions.QueueToken) = (null, "queue-2");
        Assert.IsType<PollResult.Gone>(await PollAsync());
    }

    [Fact]
    public async Task AQueueThatIsNotThereAnyMoreIsGone()
    {
        actions.Before = (_, path) => path.StartsWith("/message", StringComparison.Ordinal)
            ? FakeActions.Refusal(HttpStatusCode.NotFound, "SessionNotFoundException")
            : null;
        Assert.IsType<PollResult.Gone>(await PollAsync());
    }

    [Fact]
    public async Task AMovedQueueAtAnAddressThatCannotBeOneIsNotAsked()
    {
        (actions.QueueToken, actions.QueueUrl) = ("queue-2", "https://169.254.169.254/");
        var failed = Assert.IsType<PollResult.Failed>(await PollAsync());
        Assert.Contains("169.254.169.254", failed.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"messageType":"JobDreamt","runnerRequestId":1}]""", "message entry")]
    [InlineData("""[{"messageType":"JobAssigned"}]""", "message entry")]
    [InlineData("""[{"messageType":"JobAssigned","runnerRequestId":0,"jobId":""}]""", "message entry")]
    [InlineData("""[7]""", "message entry")]
    [InlineData("""{"messageType":"JobAssigned","runnerRequestId":1}""", "message body")]
    [InlineData("""<html>""", "message body")]
    public async Task WhatIsNotKnownIsCountedAndTheTotalsStand(string body, string what)
    {
        actions.Message = Message(1, body);
        var message = await CameAsync();
        Assert.Empty(message.Events);
        Assert.Equal(new ScaleSetStatistics(9, 5, 2), message.Statistics);
        Assert.Equal([what], bench.Metrics.Unknown);
    }

    [Fact]
    public async Task AMessageOfAnotherTypeIsCountedAndCanBeAcknowledged()
    {
        actions.Message = Message(3, "[]").Replace("RunnerScaleSetJobMessages", "Greetings", StringComparison.Ordinal);
        Assert.Equal(3, (await CameAsync()).Id);
        Assert.Equal(["message type"], bench.Metrics.Unknown);
    }

    [Fact]
    public async Task OneBadEntryFailsNoOther()
    {
        actions.Message = Message(1, """[null,{"messageType":"JobAssigned","runnerRequestId":2}]""");
        Assert.Equal(2, Assert.Single((await CameAsync()).Events).RequestId);
    }

    [Fact]
    public async Task AMarkBeforeABodyIsNoPartOfIt()
    {
        var message = Message(1, "\uFEFF[{\"messageType\":\"JobAssigned\",\"runnerRequestId\":2}]");
        actions.Before = (_, path) => path.StartsWith("/message", StringComparison.Ordinal)
            ? new(HttpStatusCode.OK)
            {
                Content = new ByteArrayContent([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(message)]),
            }
            : null;
        Assert.Single((await CameAsync()).Events);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messageId":"x"}""")]
    [InlineData("<html>proxy</html>")]
    public async Task WhatIsNoMessageIsAFailure(string body)
    {
        actions.Message = body;
        Assert.IsType<PollResult.Failed>(await PollAsync());
    }

    [Fact]
    public async Task HugeListsAreBounded()
    {
        const string Entry = """{"messageType":"JobAssigned","runnerRequestId":1,"requestLabels":[LABELS]}""";
        var labels = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"l{i}\""));
        actions.Message = Message(1, $"[{Entry.Replace("LABELS", labels, StringComparison.Ordinal)}]");
        Assert.Equal(100, Assert.Single((await CameAsync()).Events).Labels.Count);
        var entry = Entry.Replace("LABELS", "", StringComparison.Ordinal);
        actions.Message = Message(2, $"[{string.Join(',', Enumerable.Repeat(entry, 2000))}]");
        Assert.Equal(1000, (await CameAsync()).Events.Length);
    }

    [Fact]
    public async Task JobsAreAcquiredWithTheQueuesToken()
    {
        Assert.True(await session.AcquireAsync([1, 2], GitHubRig.Cancel));
        Assert.Equal(1, actions.Count("/abc/_apis/runtime/runnerscalesets/11/acquirejobs?"));
        Assert.Equal(("Bearer queue-1", "[1,2]"), (actions.Calls[^1].Token, actions.Bodies[^1].GetRawText()));
    }

    [Fact]
    public async Task AClosedSessionCanBeOpenedByTheNextLeader()
    {
        await session.CloseAsync(GitHubRig.Cancel);
        Assert.Null(actions.Owner);
        Assert.Equal(1, actions.Count("/runnerscalesets/11/sessions/5ba4b1a0-0000-4000-8000-000000000001?"));
    }

    [Fact]
    public async Task ASessionThatCouldNotBeClosedIsClosedBeforeTheNextIsOpened()
    {
        actions.Before = (request, _) => request.Method == HttpMethod.Delete
            ? FakeGitHub.Refusal(HttpStatusCode.BadGateway)
            : null;
        await session.CloseAsync(GitHubRig.Cancel);
        Assert.NotNull(actions.Owner);
        actions.Before = (_, _) => null;
        await OpenAsync();
        Assert.Equal(2, actions.Count("DELETE pipelines"));
    }

    [Fact]
    public async Task TheWaitForAMessageEndsWhenItIsCancelled()
    {
        using var cut = new CancellationTokenSource();
        bench.GitHub.Hangs = path => path.StartsWith("/message", StringComparison.Ordinal);
        var poll = session.PollAsync(1, cut.Token);
        Assert.False(poll.IsCompleted);
        cut.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
    }

    [Fact]
    public async Task AQueueThatDoesNotAnswerForLongerThanItMayIsAFailure()
    {
        bench.GitHub.Hangs = path => path.StartsWith("/message", StringComparison.Ordinal);
        var poll = session.PollAsync(1, GitHubRig.Cancel);
        bench.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(poll.IsCompleted);
        Assert.IsType<PollResult.Failed>(await GitHubRig.PassTimeAsync(bench.Time, poll, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task NoSecretIsInWhatIsSaid()
    {
        actions.Before = (request, _) => request.RequestUri!.Host == FakeActions.QueueHost
            ? FakeGitHub.Refusal(HttpStatusCode.InternalServerError, "odd")
            : null;
        var failed = Assert.IsType<PollResult.Failed>(await PollAsync());
        Assert.DoesNotContain("queue-1", failed.Problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sessionId", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("odd", failed.Problem.Message, StringComparison.Ordinal);
    }

    private static string Message(long id, string body) => $$"""
        {"messageId":{{id}},"messageType":"RunnerScaleSetJobMessages",
         "body":{{JsonSerializer.Serialize(body, JsonSerializerOptions.Default)}},
         "statistics":{"totalAvailableJobs":9,"totalAssignedJobs":5,"totalRunningJobs":2,"totalIdleRunners":"x"} }
        """;

    private async Task OpenAsync() => session = Assert.IsType<OpenResult.Listening>(await source.OpenAsync(
        new(FakeActions.Acme, "linux", null, LabelSet.Of("x64")), "me", GitHubRig.Cancel)).Session;

    private Task<PollResult> PollAsync(int capacity = 10) => session.PollAsync(capacity, GitHubRig.Cancel);

    private async Task<ScaleSetMessage> CameAsync(int capacity = 10) =>
        Assert.IsType<PollResult.Came>(await PollAsync(capacity)).Message;
}
