using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Simulation.World;

/// <summary>Something that the API server refuses for a while.</summary>
/// <param name="Kind">How it is counted.</param>
/// <param name="Reason">Why, as the controller is to understand it.</param>
/// <param name="Verb">What is refused; null for all.</param>
/// <param name="Resource">Of what; null for all.</param>
/// <param name="From">Since when.</param>
/// <param name="Until">Until when.</param>
/// <param name="RetryAfter">The pause that it asks for.</param>
internal sealed record Obstacle(
    FaultKind Kind, RefusalReason Reason, string? Verb, string? Resource, TimeSpan From, TimeSpan Until,
    TimeSpan? RetryAfter)
{
    /// <summary>In whose words; null for the usual ones.</summary>
    public string? Words { get; init; }

    public bool Stops(ApiRequest request) =>
        (Verb is null || Verb == request.Verb) && (Resource is null || Resource == request.Resource);

    /// <summary>Whether it keeps pods from being made.</summary>
    public bool StopsPods => (Verb ?? "create") == "create" && (Resource ?? "pods") == "pods";

    /// <summary>What the server says, in words like those of a real one.</summary>
    public string Message(ApiRequest request) => Words ?? Reason switch
    {
        RefusalReason.Forbidden => $"{request.Resource} is forbidden: User \"system:serviceaccount:runnerscaler:"
            + $"runnerscaler\" cannot {request.Verb} resource \"{request.Resource}\" in API group \"\"",
        RefusalReason.Denied => "admission webhook \"rules.example.test\" denied the request: not on a Friday",
        RefusalReason.QuotaExceeded => "pods is forbidden: exceeded quota: pods, requested: pods=1, used: pods=4",
        RefusalReason.WebhookFails => "Internal error occurred: failed calling webhook \"rules.example.test\"",
        RefusalReason.Throttled => "the server has received too many requests",
        RefusalReason.Conflicts => "Operation cannot be fulfilled on resourcequotas \"pods\"",
        RefusalReason.NotAuthenticated => "Unauthorized",
        _ => "etcdserver: request timed out",
    };

    /// <summary>One of many that real servers have.</summary>
    public static Obstacle Drawn(Random random, TimeSpan now, TimeSpan until)
    {
        var (kind, reason) = random.Next(8) switch
        {
            0 or 1 => (FaultKind.RightTakenAway, RefusalReason.Forbidden),
            2 => (FaultKind.RequestDenied, RefusalReason.Denied),
            3 => (FaultKind.QuotaUsedUp, RefusalReason.QuotaExceeded),
            4 => (FaultKind.WebhookFails, RefusalReason.WebhookFails),
            5 => (FaultKind.Throttled, RefusalReason.Throttled),
            6 => (FaultKind.Conflicts, RefusalReason.Conflicts),
            _ => random.Next(2) == 0
                ? (FaultKind.TokenNotTaken, RefusalReason.NotAuthenticated)
                : (FaultKind.ServerFails, RefusalReason.ServerFails),
        };
        var (verb, resource) = Place(random, reason);
        TimeSpan? pause = reason == RefusalReason.Throttled && random.Next(2) == 0
            ? TimeSpan.FromSeconds(random.Next(6) == 0 ? 99_999_999 : random.Next(1, 60))
            : null;
        return new(kind, reason, verb, resource, now, until, pause);
    }

    private static (string? Verb, string? Resource) Place(Random random, RefusalReason reason) => reason switch
    {
        RefusalReason.Forbidden => Pick(
            random, ("create", "pods"), ("patch", "pods"), ("delete", "pods"), ("list", "pods"), ("watch", "pods"),
            ("watch", "runnerpools"), ("patch", "runnerpools/status"), ("update", "leases"), ("create", "tokenreviews"),
            ("get", "pods")),
        RefusalReason.Denied or RefusalReason.WebhookFails => Pick(
            random, ("create", "pods"), ("patch", "pods"), ("delete", "pods"), (null, "pods"),
            ("patch", "runnerpools/status")),
        RefusalReason.QuotaExceeded or RefusalReason.Conflicts => ("create", "pods"),
        RefusalReason.Throttled => Pick(random, ("create", "pods"), ("patch", "pods"), ("list", "pods"), (null, null)),
        _ => (null, null),
    };

    private static (string? Verb, string? Resource) Pick(
        Random random, params (string? Verb, string? Resource)[] places) => places[random.Next(places.Length)];
}
