using System.Collections.Frozen;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// What GitHub limits apart from each other
/// (<see href="https://docs.github.com/rest/rate-limit/rate-limit">resources</see>), as <c>x-ratelimit-resource</c> names
/// it.
/// </summary>
internal static class LimitedResource
{
    public const string Core = "core";

    /// <summary>One that is not known here: a server may say anything, and each name is a metric's label.</summary>
    private const string Other = "other";

    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        Core, "actions_runner_registration", "audit_log", "audit_log_streaming", "code_scanning_autofix",
        "code_scanning_upload", "code_search", "dependency_sbom", "dependency_snapshots", "graphql",
        "integration_manifest", "scim", "search", "source_import");

    /// <summary>The resource that an answer tells of; null if it names none.</summary>
    public static string? Of(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-ratelimit-resource", out var named) && named.First() is { Length: > 0 } name
            ? Known.TryGetValue(name, out var known) ? known : Other
            : null;
}
