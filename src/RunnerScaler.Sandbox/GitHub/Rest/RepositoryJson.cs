using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>GitHub's <c>simple-user</c>, <c>minimal-repository</c>, <c>repository</c> and
/// <c>full-repository</c>.</summary>
internal static class RepositoryJson
{
    private static readonly string[] UserAddresses =
    [
        "followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}", "subscriptions",
        "events{/privacy}", "received_events",
    ];

    private static readonly (string Name, string Tail)[] RepositoryAddresses =
    [
        ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"),
        ("blobs_url", "/git/blobs{/sha}"), ("branches_url", "/branches{/branch}"),
        ("collaborators_url", "/collaborators{/collaborator}"), ("comments_url", "/comments{/number}"),
        ("commits_url", "/commits{/sha}"), ("compare_url", "/compare/{base}...{head}"),
        ("contents_url", "/contents/{+path}"), ("contributors_url", "/contributors"),
        ("deployments_url", "/deployments"), ("downloads_url", "/downloads"), ("events_url", "/events"),
        ("forks_url", "/forks"), ("git_commits_url", "/git/commits{/sha}"), ("git_refs_url", "/git/refs{/sha}"),
        ("git_tags_url", "/git/tags{/sha}"), ("hooks_url", "/hooks"),
        ("issue_comment_url", "/issues/comments{/number}"), ("issue_events_url", "/issues/events{/number}"),
        ("issues_url", "/issues{/number}"), ("keys_url", "/keys{/key_id}"), ("labels_url", "/labels{/name}"),
        ("languages_url", "/languages"), ("merges_url", "/merges"), ("milestones_url", "/milestones{/number}"),
        ("notifications_url", "/notifications{?since,all,participating}"), ("pulls_url", "/pulls{/number}"),
        ("releases_url", "/releases{/id}"), ("stargazers_url", "/stargazers"), ("statuses_url", "/statuses/{sha}"),
        ("subscribers_url", "/subscribers"), ("subscription_url", "/subscription"), ("tags_url", "/tags"),
        ("teams_url", "/teams"), ("trees_url", "/git/trees{/sha}"),
    ];

    public static void WriteAccount(this Utf8JsonWriter json, Account account, Links links)
    {
        var self = links.User(account.Login);
        json.WriteStartObject();
        json.WriteString("login", account.Login);
        json.WriteNumber("id", account.Id);
        json.WriteNodeId("U", account.Id);
        json.WriteString("avatar_url", $"{links.Site}/avatars/u/{account.Id}");
        json.WriteString("gravatar_id", "");
        json.WriteString("url", self);
        json.WriteString("html_url", $"{links.Site}/{account.Login}");
        foreach (var tail in UserAddresses) json.WriteString($"{tail.Split('{')[0]}_url", $"{self}/{tail}");
        json.WriteString("organizations_url", $"{self}/orgs");
        json.WriteString("repos_url", $"{self}/repos");
        json.WriteString("type", account.Kind == AccountKind.User ? "User" : "Organization");
        json.WriteString("user_view_type", "public");
        json.WriteBoolean("site_admin", false);
        json.WriteEndObject();
    }

    /// <summary>What a run says of its repository.</summary>
    public static void WriteShortRepository(this Utf8JsonWriter json, Repository repository, Links links)
    {
        json.WriteStartObject();
        WriteCommon(json, repository, links);
        json.WriteEndObject();
    }

    /// <summary>
    /// What a list of repositories says; about a single one there is more, the <paramref name="whole"/>.
    /// </summary>
    public static void WriteRepository(
        this Utf8JsonWriter json, Repository repository, Links links, bool whole = false)
    {
        var page = links.RepositoryPage(repository);
        json.WriteStartObject();
        WriteCommon(json, repository, links);
        json.WriteString("git_url", $"{page}.git");
        json.WriteString("ssh_url", $"{page}.git");
        json.WriteString("clone_url", $"{page}.git");
        json.WriteString("svn_url", page);
        json.WriteNull("mirror_url");
        json.WriteNull("homepage");
        json.WriteNull("language");
        json.WriteNull("license");
        foreach (var name in Counts) json.WriteNumber(name, 0);
        foreach (var name in Features) json.WriteBoolean(name, name is "has_issues" or "has_downloads");
        if (whole)
            foreach (var name in FurtherCounts) json.WriteNumber(name, 0);
        json.WriteString("default_branch", "main");
        json.WriteArray<string>("topics", [], json.WriteStringValue);
        json.WriteBoolean("archived", repository.Archived);
        json.WriteBoolean("disabled", repository.Disabled);
        json.WriteString("visibility", repository.Private ? "private" : "public");
        json.WriteTime("pushed_at", repository.PushedAt);
        json.WriteTime("created_at", repository.CreatedAt);
        json.WriteTime("updated_at", repository.PushedAt);
        json.WriteEndObject();
    }

    private static readonly string[] Counts =
    [
        "forks_count", "forks", "stargazers_count", "watchers_count", "watchers", "open_issues_count", "open_issues",
        "size",
    ];

    private static readonly string[] FurtherCounts = ["network_count", "subscribers_count"];

    private static readonly string[] Features =
    [
        "has_issues", "has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions", "is_template",
        "allow_forking", "web_commit_signoff_required",
    ];

    private static void WriteCommon(Utf8JsonWriter json, Repository repository, Links links)
    {
        var self = links.Repository(repository);
        json.WriteNumber("id", repository.Id);
        json.WriteNodeId("R", repository.Id);
        json.WriteString("name", repository.Name);
        json.WriteString("full_name", repository.FullName);
        json.WritePropertyName("owner");
        json.WriteAccount(repository.Owner, links);
        json.WriteBoolean("private", repository.Private);
        json.WriteString("html_url", links.RepositoryPage(repository));
        json.WriteNull("description");
        json.WriteBoolean("fork", false);
        json.WriteString("url", self);
        foreach (var (name, tail) in RepositoryAddresses) json.WriteString(name, self + tail);
    }
}
