using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Questions that are answered and not stored: reviews and token requests.</summary>
internal sealed class Reviews(ObjectStore store, PodTokens tokens, BearerTokens bearers, AccessRules access)
{
    public static ResourceType TokenReviews { get; } =
        new("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false);

    public static ResourceType SelfSubjectAccessReviews { get; } =
        new("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false);

    public static ResourceType SubjectAccessReviews { get; } =
        new("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false);

    public static ResourceType SelfSubjectRulesReviews { get; } =
        new("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false);

    public static IReadOnlyList<ResourceType> All { get; } =
        [TokenReviews, SubjectAccessReviews, SelfSubjectAccessReviews, SelfSubjectRulesReviews];

    private static readonly string[] verbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Answers a TokenReview: the body with its status.</summary>
    public JsonObject ReviewToken(JsonObject body)
    {
        var answer = body.DeepClone().AsObject();
        var token = body.Text("spec", "token") ?? "";
        if (token.Length == 0)
            throw KubeFailure.BadRequest("token is required for TokenReview in authentication");
        var audiences = body.At("spec", "audiences") is JsonArray list ? list.Select(a => a.Text() ?? "").ToList() : [];
        answer["metadata"] = new JsonObject { ["creationTimestamp"] = null };
        if (bearers.Find(token) is { } user)
        {
            answer["status"] = Authenticated(user.Name, null, user.Groups, null, audiences);
            return answer;
        }
        var (valid, error) = tokens.Review(token, audiences);
        answer["status"] = valid is null
            ? new JsonObject { ["user"] = new JsonObject(), ["error"] = $"[invalid bearer token, {error}]" }
            : Authenticated(valid.UserName, valid.ServiceAccountUid,
                ["system:serviceaccounts", $"system:serviceaccounts:{valid.Namespace}", "system:authenticated"],
                valid, valid.Audiences);
        return answer;
    }

    /// <summary>Answers whether a user may do something.</summary>
    /// <param name="body">What is asked; a SubjectAccessReview names the user itself.</param>
    /// <param name="asker">Who asks.</param>
    public JsonObject ReviewAccess(JsonObject body, KubeUser asker)
    {
        var user = body.Text("kind") == SubjectAccessReviews.Kind ? body.Text("spec", "user") ?? "" : asker.Name;
        var asked = body.At("spec", "resourceAttributes") ?? body.At("spec", "nonResourceAttributes");
        var resource = asked.Text("resource") ?? asked.Text("path") ?? "";
        if (asked.Text("subresource") is { Length: > 0 } part)
            resource += $"/{part}";
        var allowed = access.Allows(
            user, asked.Text("verb") ?? "", resource, asked.Text("namespace"), asked.Text("name"));
        var answer = body.DeepClone().AsObject();
        answer["status"] = new JsonObject { ["allowed"] = allowed };
        return answer;
    }

    /// <summary>
    /// Answers what the asker may do in a namespace. Real servers call the list incomplete wherever the Node authorizer
    /// is on, which cannot list its rules.
    /// </summary>
    public JsonObject ReviewRules(JsonObject body, KubeUser user)
    {
        var ns = body.Text("spec", "namespace") ?? "";
        if (ns.Length == 0)
            throw KubeFailure.BadRequest("no namespace on request");
        var answer = body.DeepClone().AsObject();
        answer["status"] = new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. RulesOf(user, ns)]),
            ["nonResourceRules"] = new JsonArray([.. IssuerDiscovery.Paths
                .Where(path => access.Allows(user.Name, "get", path, null, null))
                .Select(path => new JsonObject { ["verbs"] = List(["get"]), ["nonResourceURLs"] = List([path]) })]),
            ["incomplete"] = true,
            ["evaluationError"] = "node authorizer does not support user rule resolution",
        };
        return answer;
    }

    private IEnumerable<JsonNode> RulesOf(KubeUser user, string ns) =>
        from type in store.Types.Concat(All).Append(EventView.Type)
        from subresource in (string[])["", "/status"]
        let resource = type.Plural + subresource
        let allowed = verbs.Where(verb => access.Allows(user.Name, verb, resource, ns, null))
        select new JsonObject
        {
            ["verbs"] = List(allowed),
            ["apiGroups"] = List([type.Group]),
            ["resources"] = List([resource]),
        };

    /// <summary>Answers a TokenRequest for a service account.</summary>
    public JsonObject RequestToken(string ns, string account, JsonObject body)
    {
        var seconds = body.Number("spec", "expirationSeconds") ?? 3600;
        var audiences = body.At("spec", "audiences") is JsonArray list ? list.Select(a => a.Text() ?? "").ToList() : [];
        var bound = body.At("spec", "boundObjectRef");
        if (bound is not null && bound.Text("kind") != "Pod")
            throw KubeFailure.BadRequest($"cannot bind token for serviceaccount \"{account}\" to {bound.Text("kind")}");
        var token = tokens.Issue(
            ns, account, audiences, TimeSpan.FromSeconds(seconds), bound.Text("name"), bound.Text("uid"));
        var answer = body.DeepClone().AsObject();
        answer["kind"] = "TokenRequest";
        answer["apiVersion"] = "authentication.k8s.io/v1";
        answer["metadata"] = new JsonObject { ["creationTimestamp"] = null };
        answer["status"] = new JsonObject
        {
            ["token"] = token,
            ["expirationTimestamp"] = Meta.Stamp(store.Now.AddSeconds(seconds)),
        };
        return answer;
    }

    private static JsonObject Authenticated(
        string name, string? uid, IEnumerable<string> groups, TokenReview? pod, IEnumerable<string> audiences)
    {
        var user = new JsonObject { ["username"] = name };
        if (uid is not null)
            user["uid"] = uid;
        user["groups"] = List(groups);
        if (pod?.PodName is { } podName && pod.PodUid is { } podUid)
        {
            user["extra"] = new JsonObject
            {
                ["authentication.kubernetes.io/pod-name"] = List([podName]),
                ["authentication.kubernetes.io/pod-uid"] = List([podUid]),
            };
        }
        return new JsonObject { ["authenticated"] = true, ["user"] = user, ["audiences"] = List(audiences) };
    }

    private static JsonArray List(IEnumerable<string> items) =>
        new([.. items.Select(i => (JsonNode)JsonValue.Create(i)!)]);
}
