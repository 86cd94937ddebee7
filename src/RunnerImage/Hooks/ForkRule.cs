using System.Text.Json;

namespace RunnerImage.Hooks;

/// <summary>
/// Whether a job runs for somebody else's fork of the repository, by the event that began its workflow.
/// </summary>
internal static class ForkRule
{
    private const string PullRequestEvents = "pull_request";
    private const string WorkflowRun = "workflow_run";

    /// <summary>
    /// Whether the event is about a pull request: <c>pull_request</c>, <c>pull_request_target</c>, its reviews.
    /// </summary>
    public static bool IsPullRequest(string eventName) =>
        eventName.StartsWith(PullRequestEvents, StringComparison.Ordinal);

    /// <param name="eventName">The event's name (<c>GITHUB_EVENT_NAME</c>).</param>
    /// <param name="payload">Its JSON; null if it cannot be read.</param>
    /// <returns>Of a pull request whose repositories are not both known, true: the fork may be deleted by
    /// now.</returns>
    public static bool IsFork(string eventName, JsonElement? payload)
    {
        if (IsPullRequest(eventName))
            return Name(payload, "pull_request", "head", "repo") is not { } head
                || Name(payload, "pull_request", "base", "repo") is not { } target
                || !IsSame(head, target);
        return eventName == WorkflowRun && At(payload, WorkflowRun) is not null
            && (Name(payload, WorkflowRun, "head_repository") is not { } from
                || Name(payload, "repository") is not { } own
                || !IsSame(from, own));
    }

    private static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string? Name(JsonElement? payload, params string[] path) =>
        At(payload, [.. path, "full_name"]) is { ValueKind: JsonValueKind.String } name
        && name.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static JsonElement? At(JsonElement? payload, params string[] path)
    {
        foreach (var name in path)
        {
            if (payload is not { ValueKind: JsonValueKind.Object } owner || !owner.TryGetProperty(name, out var inner))
                return null;
            payload = inner;
        }

        return payload;
    }
}
