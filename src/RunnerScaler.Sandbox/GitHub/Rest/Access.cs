using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// What a caller may reach: 404 for what it must not know of, 403 for what it must not do
/// (https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps).
/// </summary>
internal static class Access
{
    /// <summary>The repository of the route.</summary>
    /// <exception cref="GitHubRefusal">404 or 403.</exception>
    public static Repository Repository(this ApiCall call, string permission, string level)
    {
        call.AcceptedPermission = $"{permission}={level}";
        var repository = call.FindRepository();
        if (repository is null || !call.Caller.Sees(repository)) throw GitHubRefusal.NotFound();
        if (!call.Caller.May(repository, permission, level)) throw Forbidden(call.Caller);
        return repository.Disabled ? throw new GitHubRefusal(403, "Repository access blocked") : repository;
    }

    /// <summary>The repository that the route names, by owner and name or by id; null if there is none.</summary>
    /// <exception cref="GitHubMove">It has another name now.</exception>
    public static Repository? FindRepository(this ApiCall call)
    {
        if (call.Has("repository_id")) return call.Organization.FindRepository(call.Id("repository_id"));
        var name = $"{call.Text("owner")}/{call.Text("repo")}";
        if (call.Organization.FindRepository(name) is { } repository) return repository;
        return call.Organization.FindFormerRepository(name) is { } moved && call.Caller.Sees(moved)
            ? throw new GitHubMove(moved)
            : null;
    }

    /// <summary>The organisation of the route.</summary>
    /// <exception cref="GitHubRefusal">404 or 403.</exception>
    public static Account Owner(this ApiCall call, string permission, string level)
    {
        call.AcceptedPermission = $"{permission}={level}";
        if (call.Organization.FindAccount(call.Text("org")) is not { Kind: AccountKind.Organization } account)
            throw GitHubRefusal.NotFound();
        return call.Caller.May(account, permission, level) ? account : throw Forbidden(call.Caller);
    }

    /// <summary>The scope of runners that the route names, an organisation or a repository.</summary>
    /// <exception cref="GitHubRefusal">404 or 403.</exception>
    public static string RunnerScope(this ApiCall call, bool ofOrganization, string level) => ofOrganization
        ? call.Owner(Permission.OrganizationRunners, level).Login
        : call.Repository(Permission.Administration, level).FullName;

    /// <summary>The enterprise of the route, as a scope. Apps have no permission for it.</summary>
    /// <exception cref="GitHubRefusal">404 or 403.</exception>
    public static string EnterpriseScope(this ApiCall call)
    {
        if (call.Organization.FindEnterprise(call.Text("enterprise")) is not { } enterprise)
            throw GitHubRefusal.NotFound();
        return call.Caller.Kind == CallerKind.PersonalToken && call.Caller.Scopes.Contains("manage_runners:enterprise")
            ? $"enterprises/{enterprise.Login}"
            : throw Forbidden(call.Caller);
    }

    /// <summary>The app whose JSON web token was sent.</summary>
    /// <exception cref="GitHubRefusal">401.</exception>
    public static GitHubApp App(this ApiCall call) => call.Caller.Kind == CallerKind.App
        ? call.Caller.App!
        : throw new GitHubRefusal(401, "A JSON web token could not be decoded");

    private static GitHubRefusal Forbidden(Caller caller) => caller.Kind switch
    {
        CallerKind.Installation => new GitHubRefusal(403, "Resource not accessible by integration"),
        CallerKind.PersonalToken => new GitHubRefusal(403, "Must have admin rights to Repository."),
        CallerKind.App => new GitHubRefusal(401, "Bad credentials"),
        _ => new GitHubRefusal(401, "Requires authentication"),
    };
}
