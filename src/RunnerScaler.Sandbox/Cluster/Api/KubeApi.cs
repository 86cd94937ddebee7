using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>How the API server behaves where real ones differ.</summary>
/// <param name="MinorVersion">What <c>/version</c> says after "1.".</param>
/// <param name="BookmarkPeriod">How often an idle watch gets a bookmark; about a minute at the real server.</param>
internal sealed record KubeApiOptions(string MinorVersion = "36", TimeSpan? BookmarkPeriod = null);

/// <summary>
/// The HTTP face of an <see cref="ObjectStore"/>: the API of Kubernetes as far as a controller of pods needs it.
/// Authentication is by bearer token; everybody may do everything that <see cref="Access"/> does not refuse.
/// </summary>
internal sealed class KubeApi
{
    private readonly RequestReader reader;
    private readonly ObjectHandler objects;
    private readonly WatchHandler watches;
    private readonly Discovery discovery;
    private readonly EndpointProxy proxied;
    private readonly IssuerDiscovery issuer;
    private readonly TimeProvider time;

    public KubeApi(ObjectStore store, TimeProvider time, KubeFaults faults, KubeApiOptions? options = null)
    {
        options ??= new KubeApiOptions();
        Store = store;
        Faults = faults;
        Tokens = new PodTokens(store);
        this.time = time;
        reader = new RequestReader(store);
        Access = new AccessRules(time);
        objects = new ObjectHandler(store, new Reviews(store, Tokens, Users, Access));
        watches = new WatchHandler(store, faults, time, options.BookmarkPeriod ?? TimeSpan.FromMinutes(1));
        discovery = new Discovery(reader, options.MinorVersion);
        proxied = new EndpointProxy(store, Access);
        issuer = new IssuerDiscovery(Tokens, Access);
    }

    public ObjectStore Store { get; }

    /// <summary>The tokens that clients authenticate with.</summary>
    public BearerTokens Users { get; } = new();

    /// <summary>The tokens of service accounts.</summary>
    public PodTokens Tokens { get; }

    public KubeFaults Faults { get; }

    /// <summary>Rights that were taken away, and webhooks.</summary>
    public AccessRules Access { get; }

    public RequestCounts Requests { get; } = new();

    /// <summary>Answers one request.</summary>
    /// <param name="stopping">Cancelled when the server stops: ends watches.</param>
    public async Task HandleAsync(HttpContext http, CancellationToken stopping)
    {
        var user = Authenticate(http.Request);
        if (http.Request.Path.Value is "/healthz" or "/livez" or "/readyz")
        {
            await http.Response.WriteAsync("ok", http.RequestAborted);
            return;
        }
        KubeRequest? request = null;
        KubeResponse? response;
        try
        {
            if (user == KubeUser.Anonymous && http.Request.Path != "/version")
                throw KubeFailure.Unauthorized();
            if (EndpointProxy.Read(http.Request) is { } behind)
            {
                Count(http, user, "get", EndpointProxy.Resource, await proxied.PassAsync(behind, http, user));
                return;
            }
            if (issuer.Answer(http.Request, user) is { } found)
            {
                response = found;
            }
            else if (http.Request.Method == "GET" && discovery.Answer(http.Request.Path.Value ?? "") is { } answer)
            {
                response = KubeResponse.Of(200, answer);
            }
            else
            {
                request = reader.Read(http.Request, user);
                response = await AnswerAsync(request, http, stopping);
            }
        }
        catch (KubeFailure failure)
        {
            response = KubeResponse.Of(failure);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException && !http.Response.HasStarted)
        {
            // An object of a shape that nobody thought of, such as a spec that is a number.
            response = KubeResponse.Of(
                new KubeFailure(500, "InternalError", $"the request cannot be handled: {e.Message}"));
        }
        if (response is not null)
            await FinishAsync(http, user, request, response);
    }

    private KubeUser Authenticate(HttpRequest http)
    {
        var header = http.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return KubeUser.Anonymous;
        var token = header["Bearer ".Length..].Trim();
        if (Users.Find(token) is { } user)
            return user;
        return Tokens.Review(token, []).Valid is { } account
            ? new KubeUser(account.UserName, ["system:serviceaccounts", "system:authenticated"])
            : KubeUser.Anonymous;
    }

    /// <summary>The answer; null when it was streamed.</summary>
    private async Task<KubeResponse?> AnswerAsync(KubeRequest request, HttpContext http, CancellationToken stopping)
    {
        var latency = Faults.DrawLatency(request);
        if (latency > TimeSpan.Zero)
            await Task.Delay(latency, time, http.RequestAborted);
        if (Faults.Hits(Faults.ThrottleShare, request))
        {
            var throttled = new KubeFailure(429, "TooManyRequests", "too many requests, please try again later");
            var seconds = (int)Math.Ceiling(Faults.RetryAfter.TotalSeconds);
            return KubeResponse.Of(throttled) with { RetryAfterSeconds = seconds };
        }
        if (Faults.Hits(Faults.ErrorShare, request))
        {
            var code = Faults.DrawErrorCode();
            return KubeResponse.Of(new KubeFailure(code, code == 500 ? "InternalError" : "ServiceUnavailable",
                "an error on the server prevented the request from succeeding (asked for by the sandbox's faults)"));
        }
        await Access.PassAsync(request, http.RequestAborted);
        if (request.Verb != "watch")
            return await objects.HandleAsync(request, http.Request);
        Count(http, request.User, request.Verb, request.Resource, 200);
        await watches.StreamAsync(request, http, stopping);
        return null;
    }

    private async Task FinishAsync(HttpContext http, KubeUser user, KubeRequest? request, KubeResponse response)
    {
        var isWrite = request?.Verb is not (null or "get" or "list" or "watch");
        var isLost = isWrite && response.Code < 300 && Faults.Hits(Faults.LostReplyShare, request!);
        var path = http.Request.Path.Value ?? "";
        Count(http, user, request?.Verb ?? "get",
            request?.Resource ?? (IssuerDiscovery.Paths.Contains(path) ? path : "other"), isLost ? 0 : response.Code);
        if (isLost)
        {
            http.Abort();
            return;
        }
        http.Response.StatusCode = response.Code;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = response.Body.Length;
        if (response.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = $"{seconds}";
        await http.Response.Body.WriteAsync(response.Body, http.RequestAborted);
    }

    private void Count(HttpContext http, KubeUser user, string verb, string resource, int code)
    {
        var agent = http.Request.Headers.UserAgent.ToString().Split(' ', 2)[0];
        Requests.Add(new RequestKind(user.Name, agent, verb, resource, code));
    }
}
