using System.Text;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class PodRefusalsTests
{
    private static readonly ApiRequest Create = new("create", "pods", "ci", "linux-3");

    [Theory]
    [InlineData(
        403, "pods \"linux-3\" is forbidden: exceeded quota: compute, requested: pods=1",
        "Raise the namespace's quota")]
    [InlineData(
        403, "unable to create new content in namespace ci because it is being terminated", "Wait until the namespace")]
    [InlineData(403, "pods is forbidden: User \"x\" cannot create resource \"pods\"", "the verb 'create' on 'pods'")]
    [InlineData(403, "violates PodSecurity \"restricted:latest\": privileged", "Pod Security level")]
    [InlineData(403, "denied by a webhook", "Correct spec.template, or")]
    [InlineData(422, "spec.containers[0].image: Required value", "Correct spec.template, or")]
    [InlineData(400, "json: cannot unmarshal", "Correct spec.template, or")]
    public void ARefusalSaysWhatToDo(int code, string message, string advice)
    {
        var refused = Assert.IsType<CreateResult.Refused>(Read(code, message));
        Assert.Equal(ProblemReason.PodRefused, refused.Problem.Reason);
        Assert.Contains("'linux-3' in namespace 'ci'", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Problem.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refused.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(504)]
    public void NoClearAnswerLeavesOpenWhetherThereIsAPod(int code) =>
        Assert.Equal(new CreateResult.Unavailable("later", TimeSpan.FromSeconds(3)), Read(code, "later"));

    [Theory]
    [InlineData(401, "later")]
    [InlineData(409, "later")]
    [InlineData(429, "later")]
    [InlineData(500, "failed calling webhook \"p.io\": connection refused")]
    public void ThatItIsNotDoneNowIsCertain(int code, string message) =>
        Assert.Equal(new CreateResult.NotNow(message, TimeSpan.FromSeconds(3)), Read(code, message));

    [Fact]
    public void NoAnswerAtAllLeavesItOpen() =>
        Assert.IsType<CreateResult.Unavailable>(PodRefusals.Read(Judged(ApiAnswer.None("timeout"))));

    [Fact]
    public void APodWhoseVolumeIsUncertainIsCertainlyNotThere() => Assert.IsType<CreateResult.NotNow>(
        PodRefusals.Read(Judged(ApiAnswer.None("timeout")), "PersistentVolumeClaim"));

    [Fact]
    public void ALongMessageIsShortened() =>
        Assert.InRange(Answer(422, new string('x', 5000)).Why.Length, 1, 1000);

    private static CreateResult Read(int code, string message) =>
        PodRefusals.Read(Judged(Answer(code, message) with { RetryAfter = TimeSpan.FromSeconds(3) }));

    private static ApiAnswer Judged(ApiAnswer answer) =>
        answer with { Refusal = RefusalRule.Read(Create, answer) };

    private static ApiAnswer Answer(int code, string message) =>
        ApiAnswer.Read(code, Encoding.UTF8.GetBytes($$"""{"message":{{JsonSerializer.Serialize(message)}}}"""), null);
}
