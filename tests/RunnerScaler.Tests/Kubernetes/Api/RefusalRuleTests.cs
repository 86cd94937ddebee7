using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.State;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Kubernetes.Api;

public sealed class RefusalRuleTests
{
    private const string Rbac =
        "pods \"linux-0\" is forbidden: User \"x\" cannot patch resource \"pods\" in API group \"\"";

    private const string Webhook =
        "Internal error occurred: failed calling webhook \"p.io\": Post \"https://p\": context deadline exceeded";

    [Theory]
    [InlineData("patch", 403, Rbac, "Forbidden")]
    [InlineData("patch", 403, "admission webhook \"p.io\" denied the request: not here", "Denied")]
    [InlineData("patch", 400, "admission webhook \"p.io\" denied the request: not here", "Denied")]
    [InlineData("delete", 422, "admission webhook \"p.io\" denied the request: not here", "Denied")]
    [InlineData("create", 403, "pods \"a\" is forbidden: exceeded quota: q, requested: pods=1", "QuotaExceeded")]
    [InlineData("create", 403, "pods \"a\" is forbidden: failed quota: q: must specify limits.cpu", "QuotaExceeded")]
    [InlineData("create", 404, "namespaces \"ci\" not found", "Denied")]
    [InlineData("create", 409, "Operation cannot be fulfilled on resourcequotas \"q\"", "Conflicts")]
    [InlineData("create", 500, Webhook, "WebhookFails")]
    [InlineData("patch", 504, Webhook, "WebhookFails")]
    [InlineData("patch", 429, "too many requests", "Throttled")]
    [InlineData("create", 401, "Unauthorized", "NotAuthenticated")]
    [InlineData("create", 504, "request did not complete within the requested timeout", "ServerFails")]
    [InlineData("watch", 500, "etcdserver: leader changed", "ServerFails")]
    [InlineData("get", 404, "pods \"a\" not found", "")]
    [InlineData("list", 404, "the server could not find the requested resource", "")]
    [InlineData("delete", 404, "pods \"a\" not found", "")]
    [InlineData("patch", 409, "the UID in the precondition does not match", "")]
    [InlineData("update", 409, "the object has been modified", "")]
    [InlineData("watch", 410, "too old resource version", "")]
    public void ARefusalIsToldFromAnOrdinaryAnswer(string verb, int code, string message, string reason)
    {
        var refusal = RefusalRule.Read(new(verb, "pods", "ci", "a"), Answer(code, message));
        Assert.Equal(reason, refusal?.Reason.ToString() ?? "");
        Assert.Equal(reason.Length == 0 ? null : message, refusal?.Message);
    }

    [Fact]
    public void ThatTheNameIsTakenIsAnOrdinaryAnswer()
    {
        var taken = ApiAnswer.Read(409, Encoding.UTF8.GetBytes("""{"reason":"AlreadyExists","message":"m"}"""), null);
        Assert.Null(RefusalRule.Read(new("create", "pods", "ci", "a"), taken));
    }

    [Fact]
    public void NoAnswerLeavesOpenWhetherItWasDone() =>
        Assert.False(RefusalRule.Read(new("create", "pods", "ci", "a"), ApiAnswer.None("timeout"))!.IsCertain);

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/ci/pods?limit=500", "list pods ci -")]
    [InlineData("GET", "/api/v1/pods?watch=1&x=y", "watch pods - -")]
    [InlineData("GET", "/api/v1/namespaces/ci/pods/a", "get pods ci a")]
    [InlineData("POST", "/api/v1/namespaces/ci/pods", "create pods ci new")]
    [InlineData("PUT", "/apis/coordination.k8s.io/v1/namespaces/own/leases/l", "update leases own l")]
    [InlineData("PATCH", "/apis/runnerscaler.io/v1alpha1/namespaces/ci/runnerpools/p/status",
        "patch runnerpools/status ci p")]
    [InlineData("DELETE", "/api/v1/namespaces/ci/pods/a", "delete pods ci a")]
    [InlineData("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "create tokenreviews - -")]
    [InlineData("GET", "/apis/storage.k8s.io/v1/storageclasses/fast", "get storageclasses - fast")]
    [InlineData("GET", "/version", "get /version - -")]
    [InlineData("GET", "/openid/v1/jwks", "get /openid/v1/jwks - -")]
    public void APathSaysWhatIsAsked(string method, string path, string request)
    {
        var body = path.EndsWith("/pods", StringComparison.Ordinal)
            ? JsonNode.Parse("""{"metadata":{"name":"new"}}""")
            : new JsonObject();
        Assert.Equal(RightsTests.Parse(request), RequestPath.Read(new HttpMethod(method), path, body));
    }

    [Fact]
    public async Task TheServersRefusalsAreToldAndEndWithTheNextSuccess()
    {
        var code = 403;
        await using var server = StubServer.Start(context => StubServer.Json(
            context, code, code == 200 ? "{}" : $$"""{"message":{{JsonSerializer.Serialize(Rbac)}}}"""));
        using var factory = LoggerFactory.Create(_ => { });
        var refusals = new Refusals(new Recorder(), TimeProvider.System, factory.CreateLogger<Refusals>());
        var api = server.Api(TimeProvider.System, refusals);
        var cancel = TestContext.Current.CancellationToken;

        const string path = "/api/v1/namespaces/ci/pods/linux-0";
        var answer = await api.SendAsync(HttpMethod.Patch, path, new JsonObject(), cancel, ApiServer.MergePatch);
        var (watch, failure) = await api.OpenAsync("/api/v1/pods?watch=1", cancel);
        watch.Dispose();

        Assert.Equal(answer.Refusal, refusals.Standing.Single(s => s.Refusal.Request.Verb == "patch").Refusal);
        Assert.Equal("watch", failure!.Refusal!.Request.Verb);
        Assert.Equal(Rbac, failure.Why);
        code = 200;
        await api.SendAsync(HttpMethod.Patch, path, new JsonObject(), cancel, ApiServer.MergePatch);
        Assert.Equal("watch", Assert.Single(refusals.Standing).Refusal.Request.Verb);
    }

    private static ApiAnswer Answer(int code, string message) =>
        ApiAnswer.Read(code, Encoding.UTF8.GetBytes($$"""{"message":{{JsonSerializer.Serialize(message)}}}"""), null);
}
