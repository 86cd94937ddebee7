using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// Runner scale sets, their sessions and runners, as the Actions service has them
/// (https://github.com/actions/scaleset/blob/main/client.go).
/// </summary>
internal static class ScaleSetRoutes
{
    private const string Set = ActionsRoutes.Sets + "/{set_id}";
    private const string Session = Set + "/sessions/{session_id}";
    private const string Agents = ActionsRoutes.Service + "/distributedtask/pools/0/agents";

    public static void Add(ActionsRoutes routes)
    {
        routes.Add(HttpMethods.Post, $"{RestApi.Root}/actions/runner-registration", Register);
        routes.Add(HttpMethods.Get, ActionsRoutes.Service + "/runtime/runnergroups", FindGroup);
        routes.Add(HttpMethods.Get, ActionsRoutes.Sets, Find);
        routes.Add(HttpMethods.Post, ActionsRoutes.Sets, Create);
        routes.Add(HttpMethods.Get, Set, Get);
        routes.Add(HttpMethods.Patch, Set, Change);
        routes.Add(HttpMethods.Delete, Set, Delete);
        routes.Add(HttpMethods.Post, Set + "/sessions", OpenSession);
        routes.Add(HttpMethods.Patch, Session, RefreshSession);
        routes.Add(HttpMethods.Delete, Session, CloseSession);
        routes.Add(HttpMethods.Post, Set + "/generatejitconfig", CreateJit);
        routes.Add(HttpMethods.Get, Agents, FindAgent);
        routes.Add(HttpMethods.Get, Agents + "/{agent_id}", GetAgent);
        routes.Add(HttpMethods.Delete, Agents + "/{agent_id}", DeleteAgent);
    }

    private static ApiAnswer Register(ActionsCall call)
    {
        if (!Uri.TryCreate(call.TextMember("url"), UriKind.Absolute, out var address)
            || call.TextMember("runner_event") != "register")
            throw new GitHubRefusal(422, "Invalid request. Send url and runner_event.");
        var admin = call.Organization.RunnerTokens.Exchange(call.Authorization, address.AbsolutePath.Trim('/'));
        return ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            var service = ActionsRoutes.Service.Replace(
                "{tenant}/_apis", ActionsCall.TenantOf(admin.Scope), StringComparison.Ordinal);
            json.WriteString("url", $"{call.Site}{service}/");
            json.WriteString("token_schema", "OAuthAccessToken");
            json.WriteString("token", admin.Token);
            json.WriteEndObject();
        });
    }

    private static ApiAnswer FindGroup(ActionsCall call)
    {
        var groups = call.Organization.SetGroupsOf(call.Scope());
        var name = call.Query("groupName");
        return ScaleSetJson.List(
            [.. groups.Where(group => name is null || Same(group.Name, name))],
            (json, group) => json.WriteSetGroup(group));
    }

    private static ApiAnswer Find(ActionsCall call)
    {
        var sets = call.Organization.ScaleSetsOf(call.Scope());
        var (group, name) = (call.Query("runnerGroupId"), call.Query("name"));
        return ScaleSetJson.List(
            [
                .. sets.Where(set => (group is null || set.GroupId == ActionsCall.Number(group))
                    && (name is null || Same(set.Name, name))),
            ],
            (json, set) => json.WriteSet(set, call.Site));
    }

    private static ApiAnswer Create(ActionsCall call)
    {
        var set = call.Organization.AddScaleSet(call.Scope(), Read(call));
        return ApiAnswer.Ok(json => json.WriteSet(set, call.Site));
    }

    private static ApiAnswer Get(ActionsCall call)
    {
        var (set, statistics) = call.Organization.GetScaleSet(call.Scope(), call.Id("set_id"));
        return ApiAnswer.Ok(json => json.WriteSet(set, call.Site, statistics));
    }

    private static ApiAnswer Change(ActionsCall call)
    {
        var set = call.Organization.ChangeScaleSet(call.Scope(), call.Id("set_id"), Read(call));
        return ApiAnswer.Ok(json => json.WriteSet(set, call.Site));
    }

    private static ApiAnswer Delete(ActionsCall call)
    {
        call.Organization.DeleteScaleSet(call.Scope(), call.Id("set_id"));
        return ApiAnswer.NoContent;
    }

    private static ApiAnswer OpenSession(ActionsCall call)
    {
        var owner = call.TextMember("ownerName");
        if (string.IsNullOrEmpty(owner)) throw ActionsRefusal.Invalid("ownerName is missing.");
        var opened = call.Organization.OpenSetSession(call.Scope(), call.Id("set_id"), owner);
        return ApiAnswer.Ok(json => json.WriteSession(opened, call.Site));
    }

    private static ApiAnswer RefreshSession(ActionsCall call)
    {
        var opened = call.Organization.RefreshSetSession(call.Scope(), call.Id("set_id"), SessionId(call));
        return ApiAnswer.Ok(json => json.WriteSession(opened, call.Site));
    }

    private static ApiAnswer CloseSession(ActionsCall call)
    {
        call.Organization.CloseSetSession(call.Scope(), call.Id("set_id"), SessionId(call));
        return ApiAnswer.NoContent;
    }

    private static ApiAnswer CreateJit(ActionsCall call)
    {
        var registration = call.Organization.CreateSetJitConfig(
            call.Scope(), call.Id("set_id"), call.TextMember("name") ?? "", call.TextMember("workFolder") ?? "_work");
        return ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("runner");
            json.WriteAgent(registration.Runner);
            json.WriteString("encodedJITConfig", registration.EncodedJitConfig);
            json.WriteEndObject();
        });
    }

    private static ApiAnswer FindAgent(ActionsCall call) => ScaleSetJson.List(
        call.Organization.RunnersOf(call.Scope(), call.Query("agentName")),
        (json, runner) => json.WriteAgent(runner));

    private static ApiAnswer GetAgent(ActionsCall call)
    {
        var id = call.Id("agent_id");
        var runner = call.Organization.FindRunner(call.Scope(), id) ?? throw ActionsRefusal.NoAgent(id);
        return ApiAnswer.Ok(json => json.WriteAgent(runner));
    }

    private static ApiAnswer DeleteAgent(ActionsCall call)
    {
        var (scope, id) = (call.Scope(), call.Id("agent_id"));
        try
        {
            call.Organization.DeleteRunner(scope, id);
        }
        catch (GitHubRefusal refusal) when (refusal.StatusCode == StatusCodes.Status422UnprocessableEntity)
        {
            throw new ActionsRefusal(400, "TaskAgentJobStillRunningException", refusal.Message);
        }
        catch (GitHubRefusal refusal) when (refusal.StatusCode == StatusCodes.Status404NotFound)
        {
            return ApiAnswer.NoContent;
        }

        return ApiAnswer.NoContent;
    }

    private static ScaleSetRequest Read(ActionsCall call)
    {
        var labels = call.Member("labels") is { ValueKind: JsonValueKind.Array } sent
            ? sent.EnumerateArray().Select(label => $"{ActionsCall.Member(label, "name")}").ToList()
            : null;
        if (labels?.Exists(label => label.Length is 0 or > 256) == true)
            throw ActionsRefusal.Invalid("A label has 1 to 256 characters.");
        var update = call.Member("runnerSetting") is { } setting
            ? ActionsCall.Member(setting, "disableUpdate")?.ValueKind == JsonValueKind.True
            : (bool?)null;
        return new ScaleSetRequest(
            call.TextMember("name"),
            call.Member("runnerGroupId") is { } group ? ActionsCall.Number(group.GetRawText()) : null,
            labels,
            update);
    }

    private static Guid SessionId(ActionsCall call) => Guid.TryParse(call.Text("session_id"), out var id)
        ? id
        : throw ActionsRefusal.Invalid("The session identifier is not valid.");

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
