namespace RunnerScaler.Scaling.Pools;

/// <summary>Why the API server does not do what it is asked.</summary>
internal enum RefusalReason
{
    /// <summary>The controller lacks the right, as RBAC or another authorizer says.</summary>
    Forbidden,

    /// <summary>A rule denies it: a policy, Pod Security, a webhook, or what objects of the kind must be.</summary>
    Denied,

    /// <summary>The namespace's quota is used up.</summary>
    QuotaExceeded,

    /// <summary>A webhook that has to be asked cannot be.</summary>
    WebhookFails,

    /// <summary>It asks to be asked later (429).</summary>
    Throttled,

    /// <summary>What a creation depends on, such as a quota, was changed by somebody else meanwhile (409).</summary>
    Conflicts,

    /// <summary>It does not accept our token (401).</summary>
    NotAuthenticated,

    /// <summary>It fails, or there is no answer: whether it was done is not known.</summary>
    ServerFails,
}

/// <summary>A request to the API server, as far as rights and rules tell requests apart.</summary>
/// <param name="Verb">In Kubernetes' word: <c>create</c>, <c>list</c>, <c>watch</c>, ….</param>
/// <param name="Resource">The plural, with a subresource: <c>pods</c>, <c>runnerpools/status</c>.</param>
/// <param name="Namespace">Empty if it is about the whole cluster, or all namespaces.</param>
/// <param name="Name">The object; empty if it is about several.</param>
internal readonly record struct ApiRequest(string Verb, string Resource, string Namespace, string Name)
{
    /// <summary>The same, whatever the object is called.</summary>
    public ApiRequest OfAny => this with { Name = "" };

    public override string ToString() =>
        $"{Verb} {Resource}" + (Name.Length > 0 ? $" '{Name}'" : "")
        + (Namespace.Length > 0 ? $" in namespace '{Namespace}'" : "");
}

/// <summary>A request that the API server does not do, and what it says.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Message">The server's own sentence, as it is.</param>
/// <param name="RetryAfter">When it wants to be asked again; null if it does not say.</param>
internal sealed record Refusal(RefusalReason Reason, ApiRequest Request, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>
    /// Asking again changes nothing as long as nobody changes the cluster. The others may pass by themselves.
    /// </summary>
    public bool IsDefinite => Reason is RefusalReason.Forbidden or RefusalReason.Denied or RefusalReason.QuotaExceeded;

    /// <summary>
    /// Not just a server that has much to do or cannot be reached: waiting alone will not help.
    /// </summary>
    public bool IsLasting => IsDefinite || Reason is RefusalReason.WebhookFails or RefusalReason.NotAuthenticated;

    /// <summary>It is certain that it was not done.</summary>
    public bool IsCertain => Reason != RefusalReason.ServerFails;

    /// <summary>For people: what is refused, the server's sentence, and what to do.</summary>
    public string Sentence =>
        $"The API server refuses to {Request}: {Message.TrimEnd('.', ' ')}. {Rights.AdviceFor(this)}";
}

/// <summary>A refusal that lasts.</summary>
/// <param name="Refusal">The latest.</param>
/// <param name="Since">When it was met first.</param>
/// <param name="OthersWork">Whether other objects of the same pool have been let through since.</param>
internal sealed record StandingRefusal(Refusal Refusal, DateTimeOffset Since, bool OthersWork)
{
    /// <summary>What is refused: the request that was met last, or all of its kind whatever the name.</summary>
    public ApiRequest About { get; init; } = Refusal.Request;

    public Impact Hurt => OthersWork ? Impact.Little : Rights.HurtBy(Refusal.Request);
}
