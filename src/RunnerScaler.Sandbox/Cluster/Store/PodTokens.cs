using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>What a token says when it is valid.</summary>
internal sealed record TokenReview(
    string ServiceAccount, string Namespace, string ServiceAccountUid, string? PodName, string? PodUid,
    IReadOnlyList<string> Audiences)
{
    public string UserName => $"system:serviceaccount:{Namespace}:{ServiceAccount}";
}

/// <summary>
/// Service-account tokens as TokenRequest gives them and TokenReview checks them: signed, for an audience, until a
/// time, and bound to a pod's name and uid. See
/// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/.
/// </summary>
internal sealed class PodTokens(ObjectStore store)
{
    /// <summary>The audience of a token that asks for none.</summary>
    public const string DefaultAudience = "https://kubernetes.default.svc";

    /// <summary>Who gives tokens.</summary>
    public const string Issuer = "https://kubernetes.default.svc";

    /// <summary>What they are signed with.</summary>
    public SigningKeys Keys { get; } = new();

    /// <summary>Makes a token for a service account, bound to a pod when one is named.</summary>
    /// <param name="lifetime">At least 10 minutes.</param>
    /// <exception cref="KubeFailure">404 without the account or the pod, 400 when the pod has another account or uid,
    /// 422.</exception>
    public string Issue(
        string ns, string account, IReadOnlyList<string> audiences, TimeSpan lifetime, string? podName = null,
        string? podUid = null)
    {
        var owner = store.Get(KnownTypes.ServiceAccounts, ns, account);
        if (lifetime < TimeSpan.FromMinutes(10))
        {
            var error = FieldError.Invalid("spec.expirationSeconds", $"{lifetime.TotalSeconds:0}",
                "may not specify a duration less than 10 minutes");
            throw KubeFailure.Invalid(TokenRequestType, "", [error]);
        }
        var bound = new JsonObject
        {
            ["namespace"] = ns,
            ["serviceaccount"] = new JsonObject { ["name"] = account, ["uid"] = owner.Uid },
        };
        if (podName is not null)
            bound["pod"] = PodClaim(ns, account, podName, podUid);
        var now = store.Now.ToUnixTimeSeconds();
        return Keys.Sign(new JsonObject
        {
            ["aud"] = new JsonArray(
                [.. (audiences.Count > 0 ? audiences : [DefaultAudience]).Select(a => JsonValue.Create(a))]),
            ["exp"] = now + (long)lifetime.TotalSeconds,
            ["iat"] = now,
            ["iss"] = Issuer,
            ["nbf"] = now,
            ["kubernetes.io"] = bound,
            ["sub"] = $"system:serviceaccount:{ns}:{account}",
        });
    }

    /// <summary>
    /// Checks a token for any of some audiences. The second part says why it is not valid, when it is not.
    /// </summary>
    public (TokenReview? Valid, string? Error) Review(string token, IReadOnlyList<string> audiences)
    {
        if (Keys.Read(token) is not { } claims)
            return (null, "invalid bearer token");
        var offered = claims.At("aud") is JsonArray list ? list.Select(a => a.Text() ?? "").ToList() : [];
        var wanted = audiences.Count > 0 ? audiences : [DefaultAudience];
        var common = wanted.Intersect(offered).ToList();
        if (common.Count == 0)
        {
            return (null, $"token audiences [{string.Join(" ", offered)}] is invalid for the target audiences "
                + $"[{string.Join(" ", wanted)}]");
        }
        if (claims.Number("exp") <= store.Now.ToUnixTimeSeconds())
            return (null, "Token has expired.");
        var bound = claims.At("kubernetes.io");
        var ns = bound.Text("namespace")!;
        var account = bound.Text("serviceaccount", "name")!;
        if (store.Find(KnownTypes.ServiceAccounts, ns, account)?.Uid != bound.Text("serviceaccount", "uid"))
            return (null, "service account UID does not match claim");
        var (podName, podUid) = (bound.Text("pod", "name"), bound.Text("pod", "uid"));
        if (podName is not null && store.Find(KnownTypes.Pods, ns, podName)?.Uid != podUid)
            return (null, "Token has been invalidated");
        return (new TokenReview(account, ns, bound.Text("serviceaccount", "uid")!, podName, podUid, common), null);
    }

    private static ResourceType TokenRequestType { get; } =
        new("authentication.k8s.io", "v1", "tokenrequests", "TokenRequest", true);

    private JsonObject PodClaim(string ns, string account, string podName, string? podUid)
    {
        var pod = store.Get(KnownTypes.Pods, ns, podName);
        if (pod.Value.Text("spec", "serviceAccountName") is var actual && actual != account)
        {
            throw KubeFailure.BadRequest($"cannot bind token for serviceaccount \"{account}\" to pod running with "
                + $"different serviceaccount name \"{actual}\".");
        }
        if (podUid is { Length: > 0 } && podUid != pod.Uid)
        {
            throw KubeFailure.Conflict(KnownTypes.Pods, podName,
                $"the UID in the bound object reference ({podUid}) does not match the UID in record. The object might "
                + "have been deleted and then recreated");
        }
        return new JsonObject { ["name"] = podName, ["uid"] = pod.Uid };
    }
}
