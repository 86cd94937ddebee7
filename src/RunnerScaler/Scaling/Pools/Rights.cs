using System.Globalization;

namespace RunnerScaler.Scaling.Pools;

/// <summary>What a pool is without something that the API server refuses.</summary>
internal enum Impact
{
    /// <summary>Its jobs are served all the same.</summary>
    Little,

    /// <summary>What is known of it grows old.</summary>
    Blind,

    /// <summary>Its jobs are not served, or soon will not be.</summary>
    Stopped,
}

/// <summary>What the controller needs each of its rights for; <c>deploy/rbac.yaml</c> has them all.</summary>
internal static class Rights
{
    private const string Webhook = "Fix the webhook, or exempt the namespace from it.";

    /// <summary>How much a pool is hurt by a refusal.</summary>
    public static Impact HurtBy(ApiRequest request) => (request.Verb, request.Resource) switch
    {
        ("list" or "watch", "pods" or "runnerpools") => Impact.Blind,
        ("create" or "patch" or "delete", "pods") => Impact.Stopped,
        ("create", "persistentvolumeclaims" or "tokenreviews") => Impact.Stopped,
        (_, "leases") => Impact.Stopped,
        ("get", "secrets") => Impact.Stopped,
        _ => Impact.Little,
    };

    /// <summary>Whether nothing at all can be done without it, for no pool.</summary>
    public static bool IsVital(ApiRequest request) => (request.Verb, request.Resource) switch
    {
        ("list" or "watch", "pods" or "runnerpools") => request.Namespace.Length == 0,
        ("create", "tokenreviews") => true,
        (_, "leases") => true,
        _ => false,
    };

    /// <summary>What is asked for convenience: nobody misses it.</summary>
    public static bool IsOptional(ApiRequest request) =>
        request.Resource is "selfsubjectaccessreviews" or "selfsubjectrulesreviews";

    /// <summary>Whether a pool is hurt at all.</summary>
    /// <param name="request">What is refused.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="secret">The Secret of the pool's credential; null if its spec cannot be read.</param>
    public static bool Concerns(ApiRequest request, PoolKey pool, string? secret)
    {
        if (request.Namespace.Length == 0 || request.Resource == "leases")
            return true;

        // Only those of the claims endpoint, in the controller's own namespace, are written.
        if (request is { Resource: "secrets", Verb: not "get" })
            return true;
        if (request.Namespace != pool.Namespace)
            return false;
        if (request is { Resource: "secrets", Name.Length: > 0 })
            return secret is null || secret == request.Name;
        return PoolOf(request) is not { } name || name == pool.Name;
    }

    /// <summary>The pool that the named object belongs to; null if it is about no object of a pool.</summary>
    public static string? PoolOf(ApiRequest request) => request switch
    {
        { Name.Length: 0 } => null,
        { Resource: "pods" } => WithoutSlot(request.Name),
        { Resource: "persistentvolumeclaims" } when request.Name.EndsWith("-cache", StringComparison.Ordinal) =>
            WithoutSlot(request.Name[..^"-cache".Length]),
        { Resource: "runnerpools" or "runnerpools/status" } => request.Name,
        _ => null,
    };

    public static string AdviceFor(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.Forbidden => $"Give the controller's service account the verb '{refusal.Request.Verb}' on "
            + $"'{refusal.Request.Resource}'{Where(refusal.Request)}: deploy/rbac.yaml has all that it needs.",
        RefusalReason.QuotaExceeded => "Raise the namespace's quota, or lower spec.limits.maxRunners.",
        RefusalReason.WebhookFails => Webhook,
        RefusalReason.Conflicts => "It is asked again after a pause.",
        RefusalReason.Throttled => "It is asked again after a pause; see what else asks the API server so often.",
        RefusalReason.NotAuthenticated => "See whether the controller's service account still exists, and restart it.",
        RefusalReason.ServerFails => "It is asked again; see the API server's own log if that lasts.",
        _ => AdviceForDenied(refusal),
    };

    private static string AdviceForDenied(Refusal refusal)
    {
        if (Says(refusal, "set finalizers on"))
            return "Give the controller's service account the verb 'update' on 'runnerpools/finalizers': "
                + "deploy/rbac.yaml has all that it needs.";
        if (Says(refusal, "being terminated"))
            return "Wait until the namespace is gone, and make it anew.";
        if (Says(refusal, "PodSecurity"))
            return "Correct spec.template, spec.builder.profile, or the namespace's Pod Security level: docs/builder.md"
                + " tells what each profile needs.";
        if (refusal.Request is { Verb: "create", Resource: "pods" or "persistentvolumeclaims" })
            return "Correct spec.template, or what denies it.";
        return "Exempt the controller's service account from what denies it.";
    }

    private static bool Says(Refusal refusal, string words) =>
        refusal.Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static string Where(ApiRequest request) =>
        request.Namespace.Length == 0 ? " in the whole cluster" : $" in namespace '{request.Namespace}'";

    private static string? WithoutSlot(string name) =>
        name.LastIndexOf('-') is > 0 and var hyphen
        && int.TryParse(name.AsSpan(hyphen + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? name[..hyphen]
            : null;
}
