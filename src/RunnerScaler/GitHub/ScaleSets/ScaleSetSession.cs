using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>
/// A session of a scale set's message queue. The queue is at an address of its own, with a token of its own; both are
/// replaced when the token ends, which only shows when it is refused.
/// </summary>
internal sealed class ScaleSetSession(
    GitHubAccounts accounts, ActionsApi service, ScaleSet set, long setId, TimeProvider time) : IScaleSetSession
{
    /// <summary>A wait is answered after 50 s at the latest.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan Unheard = TimeSpan.FromSeconds(5);

    private SessionData? current;
    private Uri? queue;
    private long last;

    private string What => $"the scale set '{set.Name}'";

    private string Path => $"{ScaleSetSource.Sets}/{setId}";

    /// <summary>Begins it. One that could not be closed before would stand in its way for minutes.</summary>
    public async Task<GitHubAnswer<SessionData>> OpenAsync(Account account, string owner, CancellationToken cancel)
    {
        await CloseAsync(account, cancel);
        var body = ActionsCall.Body(new SessionBody(owner), ActionsJson.Default.SessionBody);
        return await TakeAsync(
            account,
            way => ActionsApi.Call(way, HttpMethod.Post, $"{Path}/sessions", Route("sessions")) with
            {
                Json = body,
            },
            cancel);
    }

    public async Task<PollResult> PollAsync(int capacity, CancellationToken cancel)
    {
        var answer = await WithQueueAsync(
            (address, token) => new ActionsCall(HttpMethod.Get, After(address), token, Route("messages"))
            {
                Patience = LongestHold,
                Capacity = capacity,
            },
            cancel);
        if (!answer.Ok)
            return Failed(answer.Failure);
        if (answer.Value.Status == HttpStatusCode.Accepted || answer.Value.Body.IsEmpty)
            return new PollResult.Nothing();
        var read = answer.Value.As<MessageData>();
        if (!read.Ok)
            return Failed(read.Failure);
        foreach (var what in read.Value.Unknown)
            accounts.Metrics.GitHubSaidUnknown(what);
        last = Math.Max(last, read.Value.Message.Id);
        return new PollResult.Came(read.Value.Message);
    }

    public async Task<Problem?> AcknowledgeAsync(long message, CancellationToken cancel)
    {
        var answer = await WithQueueAsync(
            (address, token) => new ActionsCall(HttpMethod.Delete, Below(address, message), token, Route("messages")),
            cancel);
        return answer.Ok || answer.Failure.Status == HttpStatusCode.NotFound ? null : ProblemOf(answer.Failure);
    }

    public async Task<bool> AcquireAsync(ImmutableArray<long> requests, CancellationToken cancel)
    {
        var body = ActionsCall.Body([.. requests], ActionsJson.Default.Int64Array);
        var (account, _) = await accounts.OpenAsync(set.Target.Account, cancel);
        if (account is null || current is null)
            return false;
        for (var isFirst = true; ; isFirst = false)
        {
            // The one request that goes to the service with the queue's token.
            var token = new AuthenticationHeaderValue("Bearer", current.QueueToken);
            var answer = await service.AskAsync(
                account,
                way => ActionsApi.Call(way, HttpMethod.Post, $"{Path}/acquirejobs", Route("acquirejobs")) with
                {
                    Token = token,
                    Json = body,
                },
                cancel);
            if (answer.Ok)
                return true;
            if (answer.Failure.Kind != FailureKind.Unauthorized || !isFirst
                || !(await RefreshAsync(account, cancel)).Ok)
                return false;
        }
    }

    public async Task CloseAsync(CancellationToken cancel)
    {
        using var over = new CancellationTokenSource(Unheard, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            if (await accounts.OpenForCleanUpAsync(set.Target.Account, either.Token) is { } account)
                await CloseAsync(account, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // It ends by itself when nobody listens any more.
        }
    }

    private async Task CloseAsync(Account account, CancellationToken cancel)
    {
        if (service.OpenSession is not { } path)
            return;
        var closed = await service.AskAsync(
            account, way => ActionsApi.Call(way, HttpMethod.Delete, path, Route("sessions/{id}")), cancel);
        if (closed.Ok || closed.Failure.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
            service.OpenSession = null;
    }

    /// <summary>
    /// Asks the queue; once more, at its present address and with its present token, if that has ended.
    /// </summary>
    private async Task<GitHubAnswer<ActionsReply>> WithQueueAsync(
        Func<Uri, AuthenticationHeaderValue, ActionsCall> ask, CancellationToken cancel)
    {
        var (account, problem) = await accounts.OpenAsync(set.Target.Account, cancel);
        if (account is null)
            return Failure.Of(problem!);
        var answer = await ask(queue!, Token()).SendAsync(account.Service, cancel);
        if (answer.Failure?.Kind != FailureKind.Unauthorized)
            return answer;
        var refreshed = await RefreshAsync(account, cancel);
        return refreshed.Ok ? await ask(queue!, Token()).SendAsync(account.Service, cancel) : refreshed.Failure;
    }

    private Task<GitHubAnswer<SessionData>> RefreshAsync(Account account, CancellationToken cancel) => TakeAsync(
        account,
        way => ActionsApi.Call(way, HttpMethod.Patch, $"{Path}/sessions/{current!.Id}", Route("sessions/{id}")),
        cancel);

    private async Task<GitHubAnswer<SessionData>> TakeAsync(
        Account account, Func<AdminConnection, ActionsCall> ask, CancellationToken cancel)
    {
        var answer = await service.AskAsync<SessionData>(account, ask, cancel);
        if (!answer.Ok)
            return answer;
        service.OpenSession = $"{Path}/sessions/{answer.Value.Id}";
        if (ActionsAddress.Read(answer.Value.QueueUrl, set.Target.Account.Server) is not { } address)
            return Failure.Of(ScaleSetProblems.BadAddress(
                $"the queue of {What}", answer.Value.QueueUrl, set.Target.Account.Server));
        (current, queue) = (answer.Value, address);
        return answer;
    }

    private AuthenticationHeaderValue Token() => new("Bearer", current!.QueueToken);

    private Uri After(Uri address) => last > 0
        ? new UriBuilder(address) { Query = $"{address.Query.TrimStart('?')}&lastMessageId={last}".TrimStart('&') }.Uri
        : address;

    private static Uri Below(Uri address, long message) =>
        new UriBuilder(address) { Path = $"{address.AbsolutePath.TrimEnd('/')}/{message}" }.Uri;

    private static string Route(string what) => $"{ScaleSetSource.Route}/{{id}}/{what}";

    private PollResult Failed(Failure failure) =>
        failure.Kind == FailureKind.NotFound || failure.Type.Contains("SessionExpired", StringComparison.Ordinal)
            ? new PollResult.Gone(ProblemOf(failure))
            : new PollResult.Failed(ProblemOf(failure));

    // What a session is refused may pass with the session; whether an operator has to act is found out by opening
    // another.
    private Problem ProblemOf(Failure failure) => failure.Problem
        ?? new(ProblemReason.Unreachable, $"{What} of '{set.Target}' cannot be listened to ({failure.Detail})");
}
