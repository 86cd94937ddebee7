using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub.ScaleSets;

/// <summary>
/// A small Actions service behind the fake GitHub: one scale set, its session and queue, its runners. Each token is
/// good at one place only.
/// </summary>
internal sealed partial class FakeActions
{
    public const string Server = "https://pipelines.actions.githubusercontent.com/abc";
    public const string QueueHost = "queue.actions.githubusercontent.com";

    private readonly GitHubRig bench;
    private int tokens;

    public FakeActions(GitHubRig bench)
    {
        this.bench = bench;
        bench.GitHub.Intercept = (request, _) => Answer(request);
    }

    public static AccountKey Account { get; } = GitHubRig.Account with { ScaleSetsOf = "linux" };

    public static RegistrationTarget Acme { get; } = new(Account, "acme", null);

    /// <summary>What was asked, and with which token.</summary>
    public List<(string Call, string Token)> Calls { get; } = [];

    /// <summary>The bodies that were sent, in order.</summary>
    public List<JsonElement> Bodies { get; } = [];

    /// <summary>What was said at each wait for a message.</summary>
    public List<string> Capacities { get; } = [];

    /// <summary>Answers before the model does.</summary>
    public Func<HttpRequestMessage, string, HttpResponseMessage?> Before { get; set; } = (_, _) => null;

    /// <summary>How often a registration token is not known yet.</summary>
    public int Unknown { get; set; }

    public TimeSpan TokenLife { get; set; } = TimeSpan.FromHours(1);

    public string ServiceUrl { get; set; } = $"{Server}/";

    public string QueueUrl { get; set; } = $"https://{QueueHost}/message?sessionId=s1";

    /// <summary>The labels of the set; null if there is none.</summary>
    public string[]? Labels { get; set; }

    public bool KeepsLabels { get; set; }

    /// <summary>Who has the session; null if nobody.</summary>
    public string? Owner { get; set; }

    public string QueueToken { get; set; } = "queue-1";

    /// <summary>The next message as it is sent; null for none.</summary>
    public string? Message { get; set; }

    public Dictionary<long, string> Runners { get; } = [];

    public HashSet<long> Busy { get; } = [];

    public int Count(string part) => Calls.Count(c => c.Call.Contains(part, StringComparison.Ordinal));

    public static string Jwt(DateTimeOffset until, int number)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, long> { ["exp"] = until.ToUnixTimeSeconds() }, JsonSerializerOptions.Default);
        return $"e30.{Base64Url.EncodeToString(claims)}.s{number}";
    }

    public static HttpResponseMessage Refusal(HttpStatusCode status, string type, string message = "no") =>
        FakeGitHub.Json(new { typeName = $"GitHub.Runner.{type}, GitHub", message }, status);

    [GeneratedRegex(@"/runnerscalesets/(\d+)/sessions")]
    private static partial Regex OfSession();

    private HttpResponseMessage? Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        var path = address.PathAndQuery;
        Calls.Add(($"{request.Method} {address.Host}{path}", $"{request.Headers.Authorization}"));
        if (request.Content is { } content)
            Bodies.Add(JsonDocument.Parse(content.ReadAsStream()).RootElement);
        if (Before(request, path) is { } first)
            return first;
        return address.Host switch
        {
            "api.github.com" => OfApi(path),
            QueueHost => OfQueue(request),
            _ => OfService(request, path),
        };
    }

    private HttpResponseMessage? OfApi(string path)
    {
        if (path.EndsWith("/registration-token", StringComparison.Ordinal))
            return FakeGitHub.Json(new { token = "AREG", expires_at = bench.Time.GetUtcNow() }, HttpStatusCode.Created);
        if (path != "/actions/runner-registration")
            return null;
        return Unknown-- > 0
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized)
            : FakeGitHub.Json(new { url = ServiceUrl, token = Jwt(bench.Time.GetUtcNow() + TokenLife, ++tokens) });
    }

    private HttpResponseMessage OfQueue(HttpRequestMessage request)
    {
        if (request.Headers.Authorization?.Parameter != QueueToken)
            return FakeGitHub.Refusal(HttpStatusCode.Unauthorized);
        if (request.Method == HttpMethod.Delete)
            return new(HttpStatusCode.NoContent);
        Capacities.Add(string.Join(',', request.Headers.GetValues("X-ScaleSetMaxCapacity")));
        return Message is null ? new(HttpStatusCode.Accepted) : FakeGitHub.Text(Message);
    }

    private HttpResponseMessage OfService(HttpRequestMessage request, string path)
    {
        if (path.Contains("/agents", StringComparison.Ordinal))
            return OfAgents(request, path);
        if (path.Contains("/runnergroups/", StringComparison.Ordinal))
            return List(Groups(path));
        if (path.Contains("/generatejitconfig", StringComparison.Ordinal))
        {
            var id = Runners.Count + 50L;
            Runners[id] = Bodies[^1].GetProperty("name").GetString()!;
            return FakeGitHub.Json(new { runner = new { id, name = Runners[id] }, encodedJITConfig = "aml0" });
        }
        if (path.Contains("/acquirejobs", StringComparison.Ordinal))
            return List([1, 2]);
        if (OfSession().IsMatch(path))
            return OfSessions(request);
        if (request.Method == HttpMethod.Get)
            return List(Labels is null ? [] : [Set()]);
        if (request.Method == HttpMethod.Post || !KeepsLabels)
            Labels = [.. Bodies[^1].GetProperty("labels").EnumerateArray()
                .Select(l => l.GetProperty("name").GetString()!)];
        return FakeGitHub.Json(Set());
    }

    private HttpResponseMessage OfSessions(HttpRequestMessage request)
    {
        if (Labels is null)
            return Refusal(HttpStatusCode.NotFound, "RunnerScaleSetNotFoundException");
        if (request.Method == HttpMethod.Delete)
        {
            Owner = null;
            return new(HttpStatusCode.NoContent);
        }
        if (request.Method == HttpMethod.Post && Owner is not null)
            return Refusal(
                HttpStatusCode.Conflict, "RunnerScaleSetSessionConflictException",
                $"The runner scale set linux already has an active session for owner {Owner}.");
        if (request.Method == HttpMethod.Post)
            Owner = Bodies[^1].GetProperty("ownerName").GetString();
        return FakeGitHub.Json(new
        {
            sessionId = "5ba4b1a0-0000-4000-8000-000000000001",
            ownerName = Owner,
            messageQueueUrl = QueueUrl,
            messageQueueAccessToken = QueueToken,
            statistics = new { totalAvailableJobs = 1, totalAssignedJobs = 3, totalRunningJobs = 2 },
        });
    }

    private HttpResponseMessage OfAgents(HttpRequestMessage request, string path)
    {
        if (path.Contains("agentName=", StringComparison.Ordinal))
            return List([.. Runners
                .Where(r => path.Contains($"agentName={r.Value}&", StringComparison.Ordinal))
                .Select(r => new { id = r.Key, name = r.Value })]);
        var id = long.Parse(path.Split('/')[^1].Split('?')[0], null);
        if (!Runners.TryGetValue(id, out var name))
            return request.Method == HttpMethod.Delete
                ? new(HttpStatusCode.NoContent)
                : Refusal(HttpStatusCode.NotFound, "AgentNotFoundException");
        if (request.Method == HttpMethod.Get)
            return FakeGitHub.Json(new { id, name });
        if (Busy.Contains(id))
            return Refusal(HttpStatusCode.BadRequest, "JobStillRunningException");
        Runners.Remove(id);
        return new(HttpStatusCode.NoContent);
    }

    private static object[] Groups(string path)
    {
        if (path.Contains("groupName=Big%20Builds&", StringComparison.Ordinal))
            return [new { id = 7 }];
        return path.Contains("groupName", StringComparison.Ordinal)
            ? []
            : [new { id = 7, isDefaultGroup = false }, new { id = 1, isDefaultGroup = true }];
    }

    private object Set() => new
    {
        id = 11,
        name = "linux",
        runnerGroupId = 1,
        labels = Labels!.Select(name => new { type = "System", name }),
    };

    private static HttpResponseMessage List(object[] value) => FakeGitHub.Json(new { count = value.Length, value });
}
