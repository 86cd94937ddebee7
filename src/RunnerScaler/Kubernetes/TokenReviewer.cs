using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// Has tokens checked by the API server
/// (<see href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/"/>).
/// Good answers are kept for a while under the token's hash, since standby pods ask every minute; the token itself is
/// not.
/// </summary>
internal sealed partial class TokenReviewer(
    ApiServer api, TimeProvider time, ILogger<TokenReviewer> log) : ITokenReviewer
{
    /// <summary>
    /// The pod's own existence is checked with every claim, so that this is only how long a revoked token lasts.
    /// </summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private const int MostKept = 4096;
    private const int LongestToken = 16 * 1024;
    private const string User = "system:serviceaccount:";
    private const string PodName = "authentication.kubernetes.io/pod-name";
    private const string PodUid = "authentication.kubernetes.io/pod-uid";

    private readonly ConcurrentDictionary<string, (PodIdentity Pod, long At)> known = new();

    public async Task<ReviewResult> ReviewAsync(string token, CancellationToken cancel)
    {
        if (token.Length is 0 or > LongestToken)
            return new ReviewResult.Rejected();
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (known.TryGetValue(hash, out var kept) && time.GetElapsedTime(kept.At) < KeptFor)
            return new ReviewResult.Pod(kept.Pod);
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(ClaimMount.Audience) },
        };
        var answer = await api.SendAsync(HttpMethod.Post, ResourcePaths.TokenReviews, review, cancel);
        if (!answer.Ok)
        {
            LogUnavailable(answer.Code);
            return new ReviewResult.Unavailable();
        }
        if (Read(answer.Root.Member("status")) is not { } pod)
            return new ReviewResult.Rejected();
        Keep(hash, pod);
        return new ReviewResult.Pod(pod);
    }

    private static PodIdentity? Read(JsonElement? status)
    {
        var authenticated = status.Member("authenticated") is { ValueKind: JsonValueKind.True };
        // A server that does not know audiences answers without them: then nobody has checked ours.
        var forUs = status.Each("audiences").Any(a => ((JsonElement?)a).Text() == ClaimMount.Audience);
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

    private void Keep(string hash, PodIdentity pod)
    {
        if (known.Count >= MostKept)
            foreach (var (old, entry) in known)
                if (time.GetElapsedTime(entry.At) >= KeptFor)
                    known.TryRemove(old, out _);
        if (known.Count < MostKept)
            known[hash] = (pod, time.GetTimestamp());
    }

    // The server's own message is not logged: it could quote what it was sent.
    [LoggerMessage(
        Level = LogLevel.Warning, Message = "A TokenReview was not answered (HTTP {Code}); the pod will ask again")]
    private partial void LogUnavailable(int code);
}
