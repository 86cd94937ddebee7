using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>Whose jobs are served, and with which credential.</summary>
internal static class GitHubImport
{
    /// <param name="draft">Gets <c>spec.github</c>.</param>
    /// <param name="url">The organisation or repository.</param>
    /// <param name="group">Its runner group; null for the default one.</param>
    /// <param name="secret">The Secret that ARC uses; null if it is a setting of ARC's controller.</param>
    /// <param name="options">What is used instead.</param>
    public static void SetPlace(PoolDraft draft, string url, string? group, string? secret, ImportOptions options)
    {
        var serves = new JsonObject { ["url"] = url.TrimEnd('/') };
        if (!Scope.TryParse(url.TrimEnd('/'), out var scope, out var problem))
            draft.Fail(url.Length == 0
                ? "it does not say which organisation or repository it serves."
                : $"{problem.Shown(300)}.");
        else if (group is not null && !group.Equals("default", StringComparison.OrdinalIgnoreCase))
        {
            if (scope.HasGroups)
                serves["runnerGroup"] = group;
            else
                draft.Note($"The runner group {group.Quote()} was left out: only organisations and enterprises have "
                    + "such groups.");
        }
        var github = new JsonObject { ["credentialsSecret"] = SecretOf(draft, secret, options) };
        if (scope?.Kind == ScopeKind.Enterprise)
        {
            github["feed"] = "ScaleSet";
            draft.Note("The feed is ScaleSet, because GitHub lists an enterprise's jobs nowhere.");
        }
        github["serves"] = new JsonArray(serves);
        draft.Spec["github"] = github;
    }

    private static string SecretOf(PoolDraft draft, string? secret, ImportOptions options)
    {
        var ours = options.CredentialsSecret.Length > 0
            ? options.CredentialsSecret
            : (secret ?? "github") + ImportOptions.SecretSuffix;
        draft.Note($"The Secret {ours.Quote()} has to be made, in the pool's namespace: RunnerScaler's has the keys "
            + "app_id and "
            + "private_key, or token, and "
            + (secret is null
                ? "ARC's is a setting of its controller."
                : $"those of ARC's {secret.Quote()} are called otherwise (docs/moving-from-arc.md#the-credential)."));
        return ours;
    }
}
