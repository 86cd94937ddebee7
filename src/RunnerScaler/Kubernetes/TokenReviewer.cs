using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Claims;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// Checks tokens: with the keys that the cluster publishes, for pods that the watch shows with the token's uid, and
/// where that says neither yes nor no by the API server
/// (<see href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/"/>).
/// Its answers are kept for a while under the token's hash: who shows a wrong token shows it again. What cannot be a
/// token for us is not asked for. The token itself is not kept.
/// </summary>
internal sealed partial class TokenReviewer(
    ApiServer api, ClusterKeySource keys, IPodStore pods, TimeProvider time, ILogger<TokenReviewer> log)
    : ITokenReviewer
{
    /// <summary>
    /// The pod's own existence is checked with every claim, so that this is only how long a revoked token lasts.
    /// </summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    /// <summary>Short, because an API server may not know a pod or a signing key yet that another has just
    /// made.</summary>
    private static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private const int MostKept = 16 * 1024;
    private const int MostRefused = 4 * 1024;

    /// <summary>Reviews under way; who comes beyond that is told to come again.</summary>
    private const int MostAsked = 32;

    private const string User = "system:serviceaccount:";
    private const string PodName = "authentication.kubernetes.io/pod-name";
    private const string PodUid = "authentication.kubernetes.io/pod-uid";

    private static readonly ReviewResult.Rejected No = new();
    private static readonly ReviewResult.Unavailable NotNow = new();

    private readonly RecentAnswers<ReviewResult.Pod> known = new(MostKept, KeptFor, time);
    private readonly RecentAnswers<ReviewResult.Rejected> refused = new(MostRefused, RefusedFor, time);
    private readonly Tally unanswered = new(ToldEvery, time);
    private readonly OpenQuestions<ReviewResult> questions = new(MostAsked);

    public async Task<ReviewResult> ReviewAsync(string token, CancellationToken cancel)
    {
        if (!PodToken.MayBeValid(token, time.GetUtcNow()))
            return No;
        return await ByKeysAsync(token, cancel) ?? await ByServerAsync(token, cancel);
    }

    /// <returns>Null if they do not say.</returns>
    private async Task<ReviewResult?> ByKeysAsync(string token, CancellationToken cancel)
    {
        if (await keys.FindAsync(cancel) is not { } known)
            return null;
        var proof = await known.ProveAsync(token, time.GetUtcNow());
        if (proof is not TokenProof.Genuine && await keys.NewerAsync(known, cancel) is { } newer)
            proof = await newer.ProveAsync(token, time.GetUtcNow());
        return proof switch
        {
            TokenProof.Genuine(var pod) when pods.Find(pod) is not null => new ReviewResult.Pod(pod),
            TokenProof.Forged => No,
            _ => null,
        };
    }

    private async Task<ReviewResult> ByServerAsync(string token, CancellationToken cancel)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        return known.Find(hash) ?? refused.Find(hash)
            ?? await (questions.Ask(hash, () => AskAsync(hash, token)) ?? Task.FromResult<ReviewResult>(NotNow))
                .WaitAsync(cancel);
    }

    private async Task<ReviewResult> AskAsync(string hash, string token) => await AskAsync(token) switch
    {
        ReviewResult.Pod pod => Keep(known, hash, pod),
        ReviewResult.Rejected no => Keep(refused, hash, no),
        var other => other,
    };

    private static T Keep<T>(RecentAnswers<T> answers, string hash, T answer)
        where T : ReviewResult
    {
        answers.Keep(hash, answer);
        return answer;
    }

    private async Task<ReviewResult> AskAsync(string token)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(ClaimProtocol.Audience) },
        };
        var answer = await api.SendAsync(HttpMethod.Post, ResourcePaths.TokenReviews, review, CancellationToken.None);
        if (answer.Ok)
            return Read(answer.Root.Member("status")) is { } pod ? new ReviewResult.Pod(pod) : No;
        if (unanswered.Count() is { } times)
            LogUnavailable(times, answer.Code);
        return NotNow;
    }

    private static PodIdentity? Read(JsonElement? status)
    {
        var authenticated = status.Member("authenticated") is { ValueKind: JsonValueKind.True };
        // A server that does not know audiences answers without them: then nobody has checked ours.
        var forUs = status.Each("audiences").Any(a => ((JsonElement?)a).Text() == ClaimProtocol.Audience);
        if (!authenticated || !forUs || status.Member("user").Text("username") is not { } user)
            return null;
        var extra = status.Member("user").Member("extra");
        var account = user.StartsWith(User, StringComparison.Ordinal) ? user[User.Length..].Split(':') : [];
        return account.Length == 2 && First(extra, PodName) is { } name && First(extra, PodUid) is { } uid
            ? new PodIdentity(account[0], name, uid)
            : null;
    }

    private static string? First(JsonElement? extra, string name)
    {
        foreach (var value in extra.Each(name))
            return ((JsonElement?)value).Text();
        return null;
    }

    // The server's own message is not logged: it could quote what it was sent.
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Times} TokenReviews were not answered, the last with HTTP "
        + "{Code} (0: not at all); pods will ask again; told at most once a minute")]
    private partial void LogUnavailable(int times, int code);
}
