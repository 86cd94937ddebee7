using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Claims;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// Asks the API server who has a token
/// (<see href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/"/>), and in
/// which namespaces that one may get RunnerPools
/// (<see href="https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/"/>).
/// Answers are kept for a short while under the token's hash; the token itself is not kept.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="served">Where pools are served; empty for everywhere.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of what is not answered.</param>
internal sealed partial class AccessReviewer(
    ApiServer api, IReadOnlyCollection<string> served, TimeProvider time, ILogger<AccessReviewer> log) : IAccessReviewer
{
    /// <summary>How long a revoked token, or a right that was taken away, may last.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private const int LongestToken = 16 * 1024;
    private const int MostCallers = 1024;
    private const int MostRefused = 4 * 1024;
    private const int MostAccesses = 16 * 1024;

    /// <summary>Reviews under way, of each kind; who comes beyond that is told to come again.</summary>
    private const int MostAsked = 32;

    /// <summary>Namespaces that are asked about at the same time for one caller.</summary>
    private const int AtOnce = 8;

    private const string AllNamespaces = "";

    private static readonly AccessResult.Rejected No = new();
    private static readonly AccessResult.Unavailable NotNow = new("");

    private readonly RecentAnswers<Caller> callers = new(MostCallers, KeptFor, time);
    private readonly RecentAnswers<AccessResult.Rejected> refused = new(MostRefused, RefusedFor, time);
    private readonly RecentAnswers<Permission> accesses = new(MostAccesses, KeptFor, time);
    private readonly OpenQuestions<(Caller? Caller, AccessResult? Failure)> identities = new(MostAsked);
    private readonly OpenQuestions<Permission> questions = new(MostAsked);
    private readonly Tally unanswered = new(ToldEvery, time);

    public async Task<AccessResult> ReviewAsync(
        string token, ImmutableArray<string> namespaces, CancellationToken cancel)
    {
        if (token.Length > LongestToken || !token.All(c => c is > ' ' and <= '~'))
            return No;
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (refused.Find(hash) is { } no)
            return no;
        if (callers.Find(hash) is { } known)
            return await ReaderAsync(known, namespaces, cancel);
        if (identities.Ask(hash, () => IdentifyAsync(hash, token)) is not { } asking)
            return NotNow;
        var (caller, failure) = await asking.WaitAsync(cancel);
        return caller is null ? failure! : await ReaderAsync(caller, namespaces, cancel);
    }

    private async Task<(Caller? Caller, AccessResult? Failure)> IdentifyAsync(string hash, string token)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token },
        };
        var answer = await api.SendAsync(HttpMethod.Post, ResourcePaths.TokenReviews, review, CancellationToken.None);
        if (!answer.Ok)
        {
            Tell("TokenReviews", answer.Code);
            return (null, NotNow);
        }
        if (CallerOf(hash, answer.Root.Member("status")) is not { } caller)
        {
            refused.Keep(hash, No);
            return (null, No);
        }
        callers.Keep(hash, caller);
        return (caller, null);
    }

    private async Task<AccessResult> ReaderAsync(
        Caller caller, ImmutableArray<string> namespaces, CancellationToken cancel)
    {
        var everywhere = await MayAsync(caller, "get", AllNamespaces, cancel);
        var read = everywhere.Allowed
            ? ImmutableDictionary<string, Permission>.Empty
            : await MayAsync(caller, "get", namespaces, cancel);
        var listed = await MayAsync(caller, "list", served.Count == 0 ? [AllNamespaces] : [.. served], cancel);
        var failed = read.Values.Concat(listed.Values).Append(everywhere).FirstOrDefault(a => a.Why is not null);
        return failed is not null
            ? new AccessResult.Unavailable(failed.Why!)
            : new AccessResult.Known(new(
                everywhere.Allowed, listed.Values.All(a => a.Allowed),
                [.. read.Where(r => r.Value.Allowed).Select(r => r.Key)]));
    }

    private async Task<ImmutableDictionary<string, Permission>> MayAsync(
        Caller caller, string verb, ImmutableArray<string> namespaces, CancellationToken cancel)
    {
        var all = ImmutableDictionary.CreateBuilder<string, Permission>();
        foreach (var some in namespaces.Distinct().Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(some.Select(ns => MayAsync(caller, verb, ns, cancel)));
            all.AddRange(some.Zip(answers, KeyValuePair.Create));
        }
        return all.ToImmutable();
    }

    private async Task<Permission> MayAsync(Caller caller, string verb, string ns, CancellationToken cancel)
    {
        var key = $"{caller.Hash} {verb} {ns}";
        if (accesses.Find(key) is { } known)
            return known;
        return questions.Ask(key, () => AskAsync(key, caller, verb, ns)) is { } asking
            ? await asking.WaitAsync(cancel)
            : new(false, "Too many ask at once; ask again.");
    }

    private async Task<Permission> AskAsync(string key, Caller caller, string verb, string ns)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = caller.SpecFor(verb, ns),
        };
        var answer = await api.SendAsync(HttpMethod.Post, ResourcePaths.AccessReviews, review, CancellationToken.None);
        if (answer.Ok)
        {
            var access = new Permission(
                answer.Root.Member("status").Member("allowed") is { ValueKind: JsonValueKind.True }, null);
            accesses.Keep(key, access);
            return access;
        }
        Tell("SubjectAccessReviews", answer.Code);
        return new(false, answer.Refusal is { IsDefinite: true } refusal
            ? refusal.Sentence
            : "The API server does not say now what you may read; ask again.");
    }

    private void Tell(string reviews, int code)
    {
        if (unanswered.Count() is { } times)
            LogUnanswered(times, reviews, code);
    }

    private static Caller? CallerOf(string hash, JsonElement? status)
    {
        var user = status.Member("user");
        if (status.Member("authenticated") is not { ValueKind: JsonValueKind.True }
            || user.Text("username") is not { Length: > 0 } name)
            return null;
        return new(hash, name, user.Text("uid"), Texts(user, "groups"), user.Member("extra"));
    }

    private static ImmutableArray<string> Texts(JsonElement? parent, string list) =>
        [.. parent.Each(list).Select(item => ((JsonElement?)item).Text()).OfType<string>()];

    // The server's own message is not logged: it could quote what it was sent.
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Times} reviews of those who ask for explanations were not "
        + "answered, the last of the {Reviews} with HTTP {Code} (0: not at all); told at most once a minute")]
    private partial void LogUnanswered(int times, string reviews, int code);

    /// <param name="Allowed">Whether he may.</param>
    /// <param name="Why">Why that is not known; null if it is.</param>
    private sealed record Permission(bool Allowed, string? Why);

    /// <summary>Whose token it is, in the API server's words.</summary>
    private sealed record Caller(
        string Hash, string Name, string? Uid, ImmutableArray<string> Groups, JsonElement? Extra)
    {
        public JsonObject SpecFor(string verb, string ns)
        {
            var spec = new JsonObject
            {
                ["user"] = Name,
                ["groups"] = new JsonArray([.. Groups.Select(g => (JsonNode)JsonValue.Create(g)!)]),
                ["resourceAttributes"] = new JsonObject
                {
                    ["verb"] = verb,
                    ["group"] = ResourcePaths.Group,
                    ["resource"] = "runnerpools",
                    ["namespace"] = ns,
                },
            };
            if (Uid is not null)
                spec["uid"] = Uid;
            if (Extra is { ValueKind: JsonValueKind.Object } extra)
                spec["extra"] = JsonObject.Create(extra);
            return spec;
        }
    }
}
