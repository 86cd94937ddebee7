using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>What every request passes: credentials, limits, faults, version, entity tags, headers, counts.</summary>
internal sealed class ApiEndpoint(
    Organization organization, TimeProvider clock, RestFaults faults, RateLimits limits, RouteCounts counts)
{
    /// <summary>The version answered when none is asked for.</summary>
    public const string DefaultVersion = "2022-11-28";

    private static readonly string[] Versions = [DefaultVersion, "2026-03-10"];

    /// <summary>As in GitHub's bodies: only what JSON itself requires is escaped.</summary>
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Puts a route behind the endpoint.</summary>
    /// <param name="free">Requests never use up the primary limit.</param>
    public RequestDelegate Open(string route, Func<ApiCall, ApiAnswer> handle, bool free = false) =>
        http => ServeAsync(new Visit(http, route, free), handle);

    private async Task ServeAsync(Visit visit, Func<ApiCall, ApiAnswer> handle)
    {
        Caller caller;
        try
        {
            caller = organization.Credentials.Authenticate(visit.Http.Request.Headers.Authorization);
            if (caller.Since + faults.Plan.TokenReplication > clock.GetUtcNow())
                throw new GitHubRefusal(401, "Bad credentials");
        }
        catch (GitHubRefusal refusal)
        {
            await WriteAsync(visit, ApiAnswer.Error(refusal.StatusCode, refusal.Message), Caller.Anonymous, cost: 0);
            return;
        }

        if (limits.Enter(caller, visit.Changes ? 5 : 1) is { } wait)
        {
            await WriteAsync(visit, limits.SecondaryRefusal(visit.Http, wait), caller, cost: 0);
            return;
        }

        try
        {
            await LetInAsync(visit, caller, handle);
        }
        finally
        {
            limits.Leave(caller);
        }
    }

    private async Task LetInAsync(Visit visit, Caller caller, Func<ApiCall, ApiAnswer> handle)
    {
        var latency = faults.DrawLatency();
        if (latency > TimeSpan.Zero) await Task.Delay(latency, clock, visit.Http.RequestAborted);
        var request = visit.Http.Request;
        var fault = faults.Draw(visit.Route, $"{request.Path}{request.QueryString}", visit.Repository);
        if (fault is { } early and not RestFault.LostReply)
        {
            visit.Http.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            var status = await FaultAnswers.WriteAsync(visit.Http, early, faults.Plan, clock);
            counts.Add(visit.Route, status, counted: false);
            return;
        }

        var (answer, cost) = await DecideAsync(visit, caller, handle);
        if (fault is null)
        {
            await WriteAsync(visit, answer, caller, cost);
            return;
        }

        limits.Charge(caller, cost, limits.ResourceOf(visit.Route));
        counts.Add(visit.Route, RouteCounts.NoAnswer, cost > 0);
        visit.Http.Abort();
    }

    private async Task<(ApiAnswer Answer, int Cost)> DecideAsync(
        Visit visit, Caller caller, Func<ApiCall, ApiAnswer> handle)
    {
        if (!Versions.Contains(visit.Version))
            return (ApiAnswer.Error(400, $"API version {visit.Version} is not supported."), 0);
        var budget = limits.Charge(caller, 0, limits.ResourceOf(visit.Route));
        if (!visit.Free && budget.Remaining == 0)
            return (ApiAnswer.Error(403, $"API rate limit exceeded for {caller.Key}."), 0);
        var cost = visit.Free ? 0 : 1;
        ApiCall? call = null;
        try
        {
            using var body = await visit.ReadBodyAsync();
            call = new ApiCall(visit.Http, organization, limits, caller, body?.RootElement ?? default)
            {
                LargestPage = faults.Plan.LargestPage,
            };
            return (handle(call), cost);
        }
        catch (JsonException)
        {
            return (ApiAnswer.Error(400, "Problems parsing JSON"), cost);
        }
        catch (GitHubRefusal refusal)
        {
            return (ApiAnswer.Error(refusal.StatusCode, refusal.Message), cost);
        }
        catch (GitHubMove move)
        {
            return (visit.Redirect(move.Repository), cost);
        }
        finally
        {
            if (call?.AcceptedPermission is { } permission)
                visit.Http.Response.Headers["x-accepted-github-permissions"] = permission;
        }
    }

    private async Task WriteAsync(Visit visit, ApiAnswer answer, Caller caller, int cost)
    {
        var (request, response) = (visit.Http.Request, visit.Http.Response);
        var body = Serialize(answer);
        var status = answer.Status;
        if (status == StatusCodes.Status200OK && !visit.Changes)
        {
            var tag = ETags.Compute(request.Headers, body.WrittenSpan);
            response.Headers.ETag = tag;
            response.Headers.CacheControl = "private, max-age=60, s-maxage=60";
            if (ETags.Matches(request.Headers, tag)) (status, cost) = (StatusCodes.Status304NotModified, 0);
        }

        var resource = limits.ResourceOf(visit.Route);
        WriteHeaders(visit, resource, limits.Charge(caller, cost, resource));
        if (answer.Link is { } link) response.Headers.Link = link;
        if (answer.Location is { } location) response.Headers.Location = location;
        counts.Add(visit.Route, status, cost > 0);
        response.StatusCode = status;
        if (status is StatusCodes.Status304NotModified or StatusCodes.Status204NoContent) return;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, visit.Http.RequestAborted);
    }

    private void WriteHeaders(Visit visit, string resource, Budget budget)
    {
        var headers = visit.Http.Response.Headers;
        headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        headers["x-ratelimit-limit"] = $"{budget.Limit}";
        headers["x-ratelimit-remaining"] = $"{budget.Remaining}";
        headers["x-ratelimit-used"] = $"{budget.Used}";
        headers["x-ratelimit-reset"] = $"{budget.ResetsAt.ToUnixTimeSeconds()}";
        headers["x-ratelimit-resource"] = resource;
        headers["x-github-api-version-selected"] = visit.Version;
        headers["x-github-media-type"] = "github.v3; format=json";
        headers["x-github-request-id"] = visit.Http.TraceIdentifier;
        headers.Vary = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With";
    }

    private static ArrayBufferWriter<byte> Serialize(ApiAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        if (answer.Body is null) return buffer;
        using var json = new Utf8JsonWriter(buffer, Writing);
        answer.Body(json);
        return buffer;
    }

    private sealed record Visit(HttpContext Http, string Route, bool Free)
    {
        public bool Changes => !HttpMethods.IsGet(Http.Request.Method) && !HttpMethods.IsHead(Http.Request.Method);

        public string Version =>
            Http.Request.Headers["X-GitHub-Api-Version"].FirstOrDefault() ?? DefaultVersion;

        /// <summary><c>owner/name</c>, when the route has one.</summary>
        public string? Repository => Http.Request.RouteValues is { } values && values.ContainsKey("repo")
            ? $"{values["owner"]}/{values["repo"]}"
            : null;

        /// <summary>To the same thing of a repository that has another name now.</summary>
        public ApiAnswer Redirect(Repository repository)
        {
            var parts = Http.Request.Path.Value!.Split('/');
            var at = Array.IndexOf(parts, "repos");
            var rest = string.Concat(parts.Skip(at + 3).Select(part => $"/{part}"));
            var status = Changes ? StatusCodes.Status307TemporaryRedirect : StatusCodes.Status301MovedPermanently;
            return ApiAnswer.Error(status, "Moved Permanently") with
            {
                Location = $"{Http.Request.Scheme}://{Http.Request.Host}{RestApi.Root}"
                    + $"/repositories/{repository.Id}{rest}{Http.Request.QueryString}",
            };
        }

        public async Task<JsonDocument?> ReadBodyAsync()
        {
            if (!Changes) return null;
            using var reader = new StreamReader(Http.Request.Body, Encoding.UTF8);
            var text = await reader.ReadToEndAsync(Http.RequestAborted);
            return text.Length == 0 ? null : JsonDocument.Parse(text);
        }
    }
}
