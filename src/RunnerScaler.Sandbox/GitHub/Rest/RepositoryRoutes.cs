using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Repositories and lists of them (https://docs.github.com/en/rest/repos/repos).</summary>
internal static class RepositoryRoutes
{
    public static void Add(ApiRoutes routes)
    {
        routes.Get("/repos/{owner}/{repo}", One);
        routes.Get("/orgs/{org}", Organization);
        routes.Get("/orgs/{org}/repos", OfOrganization);
        routes.Get("/users/{user}/repos", OfUser);
        routes.Get("/user/repos", OfCaller);
        routes.Get("/installation/repositories", OfInstallation);
    }

    private static ApiAnswer One(ApiCall call)
    {
        call.AcceptedPermission = $"{Permission.Metadata}={Permission.Read}";
        return call.FindRepository() is { } repository
            && call.Caller.Sees(repository)
            ? ApiAnswer.Ok(json => json.WriteRepository(repository, call.Links, whole: true))
            : throw GitHubRefusal.NotFound();
    }

    /// <summary>What anyone may see of an organisation.</summary>
    private static ApiAnswer Organization(ApiCall call) =>
        call.Organization.FindAccount(call.Text("org")) is { Kind: AccountKind.Organization } account
            ? ApiAnswer.Ok(json => json.WriteAccount(account, call.Links))
            : throw GitHubRefusal.NotFound();

    private static ApiAnswer OfOrganization(ApiCall call)
    {
        if (call.Organization.FindAccount(call.Text("org")) is not { Kind: AccountKind.Organization } account)
            throw GitHubRefusal.NotFound();
        var seen = call.Organization.RepositoriesOf(account.Login).Where(call.Caller.Sees);
        return List(call, Sort(call, OfType(call, seen), "created"));
    }

    /// <summary>Only public ones, whoever asks.</summary>
    private static ApiAnswer OfUser(ApiCall call)
    {
        var account = call.Organization.FindAccount(call.Text("user")) ?? throw GitHubRefusal.NotFound();
        var open = call.Organization.RepositoriesOf(account.Login).Where(repository => !repository.Private);
        return List(call, Sort(call, open, "full_name"));
    }

    /// <summary>The user's own, public and private.</summary>
    private static ApiAnswer OfCaller(ApiCall call)
    {
        if (call.Caller is not { Kind: CallerKind.PersonalToken, User: { } user })
        {
            throw call.Caller.Kind == CallerKind.Installation
                ? new GitHubRefusal(403, "Resource not accessible by integration")
                : new GitHubRefusal(401, "Requires authentication");
        }

        var seen = call.Organization.RepositoriesOf(user.Login).Where(call.Caller.Sees);
        return List(call, Sort(call, OfType(call, seen), "full_name"));
    }

    private static ApiAnswer OfInstallation(ApiCall call)
    {
        if (call.Caller is not { Kind: CallerKind.Installation, Installation: { } installation })
        {
            throw new GitHubRefusal(
                403,
                "You must authenticate with an installation access token in order to list repositories for an "
                    + "installation.");
        }

        var covered = call.Organization.RepositoriesOf(installation.Account.Login).Where(installation.Covers).ToList();
        return ApiRoutes.Page(
            call,
            "repositories",
            covered,
            (json, repository) => json.WriteRepository(repository, call.Links),
            tail: json => json.WriteString("repository_selection", AppJson.Selection(installation)));
    }

    private static IEnumerable<Repository> OfType(ApiCall call, IEnumerable<Repository> repositories) =>
        call.Query("type") switch
        {
            "public" => repositories.Where(repository => !repository.Private),
            "private" => repositories.Where(repository => repository.Private),
            _ => repositories,
        };

    private static List<Repository> Sort(ApiCall call, IEnumerable<Repository> repositories, string otherwise)
    {
        var by = call.Query("sort") ?? otherwise;
        var sorted = by switch
        {
            "created" => repositories.OrderBy(repository => repository.CreatedAt).ThenBy(repository => repository.Id),
            "updated" or "pushed" =>
                repositories.OrderBy(repository => repository.PushedAt).ThenBy(repository => repository.Id),
            "full_name" => repositories.OrderBy(repository => repository.FullName, StringComparer.OrdinalIgnoreCase),
            _ => throw new GitHubRefusal(422, $"Repositories cannot be sorted by '{by}'."),
        };
        var ascending = (call.Query("direction") ?? (by == "full_name" ? "asc" : "desc")) == "asc";
        return ascending ? [.. sorted] : [.. sorted.Reverse()];
    }

    private static ApiAnswer List(ApiCall call, List<Repository> repositories)
    {
        var paging = call.Paging();
        return ApiAnswer.Ok(json => json.WriteArray(
            paging.Cut(repositories), repository => json.WriteRepository(repository, call.Links))) with
        {
            Link = paging.Link(repositories.Count),
        };
    }
}
