using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Kubernetes.Api;

/// <summary>
/// Tells a refusal from what is an ordinary answer to a question: that there is no such object, or that it has changed.
/// </summary>
internal static class RefusalRule
{
    /// <returns>Null if the answer is a success, an ordinary one, or (<see cref="IsAmbiguous"/>) may be.</returns>
    public static Refusal? Read(ApiRequest request, ApiAnswer answer)
    {
        if (answer.Ok || ReasonOf(request, answer) is not { } reason)
            return null;
        return new Refusal(reason, request, answer.Why, answer.RetryAfter);
    }

    /// <summary>
    /// A failed <c>test</c> of a JSON Patch and an object that breaks a rule are both a 422: whoever sent it has to
    /// look which of the two it was.
    /// </summary>
    public static bool IsAmbiguous(ApiRequest request, ApiAnswer answer, string contentType) =>
        request.Verb == "patch" && contentType == ApiServer.JsonPatch && answer.Code == 422;

    private static RefusalReason? ReasonOf(ApiRequest request, ApiAnswer answer) => answer.Code switch
    {
        401 => RefusalReason.NotAuthenticated,
        403 => OfForbidden(request, answer.Why),
        404 => request.Verb == "create" ? RefusalReason.Denied : null,
        409 => request.Verb == "create" && answer.Reason != "AlreadyExists" ? RefusalReason.Conflicts : null,
        410 => null,
        429 => RefusalReason.Throttled,
        0 or 408 or >= 500 => IsWebhook(answer) ? RefusalReason.WebhookFails : RefusalReason.ServerFails,
        _ => RefusalReason.Denied,
    };

    // A right that is missing is told as 'User "…" cannot patch resource "pods" in API group ""'.
    private static RefusalReason OfForbidden(ApiRequest request, string why)
    {
        if (Says(why, $"cannot {request.Verb} resource") || Says(why, "cannot get path"))
            return RefusalReason.Forbidden;
        return Says(why, "exceeded quota") || Says(why, "failed quota")
            ? RefusalReason.QuotaExceeded
            : RefusalReason.Denied;
    }

    // Asked before anything is stored: whatever the code, nothing was done.
    private static bool IsWebhook(ApiAnswer answer) =>
        answer.Code != 0 && Says(answer.Why, "failed calling") && Says(answer.Why, "webhook");

    private static bool Says(string why, string words) => why.Contains(words, StringComparison.OrdinalIgnoreCase);
}
