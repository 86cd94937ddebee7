namespace RunnerScaler.Sandbox.GitHub.Credentials;

/// <summary>
/// Names of the permissions of GitHub Apps that matter here; their levels are <c>read</c> and <c>write</c>
/// (https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps).
/// </summary>
internal static class Permission
{
    public const string Actions = "actions";
    public const string Administration = "administration";
    public const string Metadata = "metadata";
    public const string OrganizationRunners = "organization_self_hosted_runners";

    public const string Read = "read";
    public const string Write = "write";

    /// <summary>What a controller of an organisation's runners is told to ask for.</summary>
    public static readonly IReadOnlyDictionary<string, string> ForOrganizationRunners = new Dictionary<string, string>
    {
        [Actions] = Read,
        [Metadata] = Read,
        [OrganizationRunners] = Write,
    };

    /// <summary>What a controller of the runners of single repositories is told to ask for.</summary>
    public static readonly IReadOnlyDictionary<string, string> ForRepositoryRunners = new Dictionary<string, string>
    {
        [Actions] = Read,
        [Administration] = Write,
        [Metadata] = Read,
    };

    /// <summary>Whether the granted permissions include this one; write includes read.</summary>
    public static bool Includes(this IReadOnlyDictionary<string, string> granted, string name, string level) =>
        granted.TryGetValue(name, out var has) && (has == level || has == Write);
}
