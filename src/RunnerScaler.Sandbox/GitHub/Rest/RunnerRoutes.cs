using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// Self-hosted runners of organisations and repositories, and runner groups
/// (https://docs.github.com/en/rest/actions/self-hosted-runners).
/// </summary>
internal static class RunnerRoutes
{
    private const string Groups = "/orgs/{org}/actions/runner-groups";

    public static void Add(ApiRoutes routes)
    {
        AddScope(routes, "/orgs/{org}/actions/runners", ofOrganization: true);
        AddScope(routes, "/repos/{owner}/{repo}/actions/runners", ofOrganization: false);
        const string ofEnterprise = "/enterprises/{enterprise}/actions/runners";
        routes.Post($"{ofEnterprise}/registration-token", call => CreateToken(call, call.EnterpriseScope()));
        routes.Get(Groups, ListGroups);
        routes.Get($"{Groups}/{{group_id}}", GetGroup);
        routes.Get($"{Groups}/{{group_id}}/runners", ListRunnersOfGroup);
        routes.Get($"{Groups}/{{group_id}}/repositories", ListRepositoriesOfGroup);
    }

    private static void AddScope(ApiRoutes routes, string runners, bool ofOrganization)
    {
        string Scope(ApiCall call, string level) => call.RunnerScope(ofOrganization, level);
        routes.Get(runners, call => List(call, Scope(call, Permission.Read)));
        routes.Get($"{runners}/deprecations/{{version}}", call => EndOf(call, Scope(call, Permission.Read)));
        routes.Get($"{runners}/{{runner_id}}", call => Get(call, Scope(call, Permission.Read)));
        routes.Delete($"{runners}/{{runner_id}}", call => Delete(call, Scope(call, Permission.Write)));
        routes.Post($"{runners}/generate-jitconfig", call => CreateJit(call, Scope(call, Permission.Write)));
        routes.Post($"{runners}/registration-token", call => CreateToken(call, Scope(call, Permission.Write)));
        routes.Post($"{runners}/remove-token", call => CreateToken(call, Scope(call, Permission.Write)));
    }

    private static ApiAnswer List(ApiCall call, string scope) => ApiRoutes.Page(
        call,
        "runners",
        call.Organization.RunnersOf(scope, call.Query("name")),
        (json, runner) => json.WriteRunner(runner));

    private static ApiAnswer Get(ApiCall call, string scope)
    {
        var runner = call.Organization.FindRunner(scope, call.Id("runner_id")) ?? throw GitHubRefusal.NotFound();
        return ApiAnswer.Ok(json => json.WriteRunner(runner));
    }

    /// <summary>
    /// As GitHub Enterprise Cloud has it; other GitHubs do not tell
    /// (https://docs.github.com/enterprise-cloud@latest/rest/actions/self-hosted-runners).
    /// </summary>
    private static ApiAnswer EndOf(ApiCall call, string scope)
    {
        _ = call.Organization.RunnersOf(scope, name: "");
        var (registration, jobs) = call.Organization.VersionEnd ?? throw GitHubRefusal.NotFound();
        return ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            json.WriteString("runner_version", call.Text("version"));
            json.WriteTime("registration_deprecates_at", registration);
            json.WriteTime("runtime_deprecates_at", jobs);
            json.WriteEndObject();
        });
    }

    private static ApiAnswer Delete(ApiCall call, string scope)
    {
        call.Organization.DeleteRunner(scope, call.Id("runner_id"));
        return ApiAnswer.NoContent;
    }

    private static ApiAnswer CreateJit(ApiCall call, string scope)
    {
        var registration = call.Organization.CreateJitConfig(scope, ReadRequest(call.Body));
        return ApiAnswer.Created(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("runner");
            json.WriteRunner(registration.Runner);
            json.WriteString("encoded_jit_config", registration.EncodedJitConfig);
            json.WriteEndObject();
        });
    }

    private static JitRequest ReadRequest(JsonElement body) => new(
        Member(body, "name", JsonValueKind.String).GetString()!,
        Member(body, "runner_group_id", JsonValueKind.Number).TryGetInt64(out var group)
            ? group
            : throw new GitHubRefusal(422, "Invalid request. \"runner_group_id\" is not an integer."),
        [
            .. Member(body, "labels", JsonValueKind.Array).EnumerateArray().Select(label =>
                label.ValueKind == JsonValueKind.String
                    ? label.GetString()!
                    : throw new GitHubRefusal(422, "Invalid request. \"labels\" is not a list of strings.")),
        ],
        body.TryGetProperty("work_folder", out var folder) ? $"{folder}" : "_work");

    private static JsonElement Member(JsonElement body, string name, JsonValueKind kind) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : throw new GitHubRefusal(422, $"Invalid request. \"{name}\" wasn't supplied as a JSON {kind}.");

    private static ApiAnswer CreateToken(ApiCall call, string scope)
    {
        _ = call.Organization.RunnersOf(scope, name: "");
        var (token, expiresAt) = call.Organization.RunnerTokens.Create(scope);
        return ApiAnswer.Created(json =>
        {
            json.WriteStartObject();
            json.WriteString("token", token);
            json.WriteTime("expires_at", expiresAt);
            json.WriteEndObject();
        });
    }

    private static ApiAnswer ListGroups(ApiCall call)
    {
        var owner = call.Owner(Permission.OrganizationRunners, Permission.Read);
        var visibleTo = call.Query("visible_to_repository") is { } name ? $"{owner.Login}/{name}" : null;
        var groups = call.Organization.RunnerGroupsOf(owner.Login, visibleTo);
        return ApiRoutes.Page(
            call, "runner_groups", groups, (json, group) => json.WriteGroup(group, owner, call.Links));
    }

    private static ApiAnswer GetGroup(ApiCall call)
    {
        var (owner, group) = Group(call);
        return ApiAnswer.Ok(json => json.WriteGroup(group, owner, call.Links));
    }

    private static ApiAnswer ListRunnersOfGroup(ApiCall call)
    {
        var (owner, group) = Group(call);
        var runners = call.Organization.RunnersOf(owner.Login).Where(runner => runner.GroupId == group.Id).ToList();
        return ApiRoutes.Page(call, "runners", runners, (json, runner) => json.WriteRunner(runner));
    }

    private static ApiAnswer ListRepositoriesOfGroup(ApiCall call)
    {
        var (owner, group) = Group(call);
        var open = call.Organization.RepositoriesOf(owner.Login).Where(r => group.Selected.Contains(r.Id)).ToList();
        return ApiRoutes.Page(
            call, "repositories", open,
            (json, repository) => json.WriteRepository(repository, call.Links, whole: false));
    }

    private static (Account Owner, RunnerGroup Group) Group(ApiCall call)
    {
        var owner = call.Owner(Permission.OrganizationRunners, Permission.Read);
        var id = call.Id("group_id");
        return call.Organization.RunnerGroupsOf(owner.Login).FirstOrDefault(group => group.Id == id) is { } group
            ? (owner, group)
            : throw GitHubRefusal.NotFound();
    }
}
