using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>
/// GitHub's Actions service as one organisation, repository or enterprise reaches it. The way there costs one request
/// of the REST API an hour; all that comes after it costs none. Safe to use from any thread.
/// </summary>
/// <param name="target">Where runners are registered.</param>
/// <param name="time">The clock.</param>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing unless its wait handle is used")]
internal sealed class ActionsApi(RegistrationTarget target, TimeProvider time)
{
    /// <summary>A token that ends sooner is renewed before it is used.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A registration token is not known everywhere at once: it may be refused at first, with 401 or 403.
    /// </summary>
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8)];

    private readonly SemaphoreSlim single = new(1);
    private volatile AdminConnection? current;
    private long set;

    /// <summary>The scale set that runners are registered with; null while it was never found.</summary>
    public long? ScaleSet
    {
        get => Interlocked.Read(ref set) is > 0 and var id ? id : null;
        set => Interlocked.Exchange(ref set, value ?? 0);
    }

    /// <summary>The session that was opened last, as a path, unless it was closed; null for none.</summary>
    public string? OpenSession { get; set; }

    /// <summary>
    /// Sends a request with the service's own token. One that is not accepted is renewed, and the request sent again:
    /// nothing has happened then.
    /// </summary>
    /// <param name="account">Whose credential leads to the service.</param>
    /// <param name="ask">The request, on a way that is open.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<GitHubAnswer<ActionsReply>> AskAsync(
        Account account, Func<AdminConnection, ActionsCall> ask, CancellationToken cancel)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var way = await ConnectAsync(account, cancel);
            if (!way.Ok)
                return way.Failure;
            var answer = await ask(way.Value).SendAsync(account.Service, cancel);
            if (answer.Failure?.Kind != FailureKind.Unauthorized)
                return answer;
            Interlocked.CompareExchange(ref current, null, way.Value);
            if (!isFirst)
                return answer;
        }
    }

    /// <summary>The same, for what is read from the answer.</summary>
    public async Task<GitHubAnswer<T>> AskAsync<T>(
        Account account, Func<AdminConnection, ActionsCall> ask, CancellationToken cancel)
        where T : class, IFromJson<T>
    {
        var answer = await AskAsync(account, ask, cancel);
        return answer.Ok ? answer.Value.As<T>() : answer.Failure;
    }

    /// <summary>A request of the service with its own token.</summary>
    public static ActionsCall Call(
        AdminConnection way, HttpMethod method, string path, string route, string query = "") =>
        new(method, way.At(path, query), new AuthenticationHeaderValue("Bearer", way.Token), route);

    private async Task<GitHubAnswer<AdminConnection>> ConnectAsync(Account account, CancellationToken cancel)
    {
        if (Usable() is { } open)
            return open;
        await single.WaitAsync(cancel);
        try
        {
            if (Usable() is { } other)
                return other;
            var made = await OpenAsync(account, cancel);
            if (made.Ok)
                current = made.Value;
            return made;
        }
        finally
        {
            single.Release();
        }
    }

    private AdminConnection? Usable() => current is { } way && time.GetUtcNow() < way.ExpiresAt - Margin ? way : null;

    private async Task<GitHubAnswer<AdminConnection>> OpenAsync(Account account, CancellationToken cancel)
    {
        if (target.IsEnterprise && account.Credential is GitHubCredential.App)
            return Failure.Of(ScaleSetProblems.AppForEnterprise(account.Key, target));
        var token = await account.Api(target.Owner, target.Repository is null).PostAsync<RegistrationToken>(
            $"{Registrations.Place(target)}/actions/runners/registration-token", "{}"u8.ToArray(), cancel);
        if (!token.Ok)
            return token.Failure;
        var found = await RegisterAsync(account, token.Value, cancel);
        if (!found.Ok)
            return found.Failure;
        return AdminConnection.Of(found.Value, account.Key.Server, time.GetUtcNow()) is { } way
            ? way
            : Failure.Of(ScaleSetProblems.BadAddress("its Actions service", found.Value.Url, account.Key.Server));
    }

    private async Task<GitHubAnswer<ConnectionData>> RegisterAsync(
        Account account, RegistrationToken token, CancellationToken cancel)
    {
        var body = new ConnectionBody($"{account.Key.Server}/{target}", "register");
        var call = new ActionsCall(
            HttpMethod.Post, new Uri(account.Address, "actions/runner-registration"),
            new AuthenticationHeaderValue("RemoteAuth", token.Token), "/actions/runner-registration")
        {
            Json = ActionsCall.Body(body, ActionsJson.Default.ConnectionBody),
        };
        for (var tries = 0; ; tries++)
        {
            var answer = await call.SendAsync(account.Service, cancel);
            if (answer.Ok)
                return answer.Value.As<ConnectionData>();
            if (tries == Pauses.Length
                || answer.Failure.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
                return answer.Failure;
            await Task.Delay(Pauses[tries], time, cancel);
        }
    }
}
