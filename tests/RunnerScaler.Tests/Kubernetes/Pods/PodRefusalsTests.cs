using System.Text;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class PodRefusalsTests
{
    private static readonly PoolKey Pool = new("ci", "linux");

    [Theory]
    [InlineData(
        403, "pods \"linux-3\" is forbidden: exceeded quota: compute, requested: pods=1",
        "Raise the namespace's quota")]
    [InlineData(
        403, "unable to create new content in namespace ci because it is being terminated", "Wait until the namespace")]
    [InlineData(403, "pods is forbidden: User \"x\" cannot create resource \"pods\"", "service account the role")]
    [InlineData(403, "violates PodSecurity \"restricted:latest\": privileged", "Pod Security level")]
    [InlineData(403, "denied by a webhook", "Correct spec.template.")]
    [InlineData(422, "spec.containers[0].image: Required value", "Correct spec.template.")]
    [InlineData(400, "json: cannot unmarshal", "Correct spec.template.")]
    public void ARefusalSaysWhatToDo(int code, string message, string advice)
    {
        var refused = Assert.IsType<CreateResult.Refused>(Read(code, message));
        Assert.Equal(FaultReason.PodRefused, refused.Fault.Reason);
        Assert.Contains("'linux-3' in namespace 'ci'", refused.Fault.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Fault.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refused.Fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(504)]
    public void NoClearAnswerIsNoRefusal(int code)
    {
        var answer = Answer(code, "later") with { RetryAfter = TimeSpan.FromSeconds(3) };
        Assert.Equal(
            new CreateResult.Unavailable("later", TimeSpan.FromSeconds(3)), PodRefusals.Read(answer, Pool, "linux-3"));
    }

    [Fact]
    public void NoAnswerAtAllIsNoRefusal() =>
        Assert.IsType<CreateResult.Unavailable>(PodRefusals.Read(ApiAnswer.None("timeout"), Pool, "linux-3"));

    [Fact]
    public void ALongMessageIsShortened() =>
        Assert.InRange(Answer(422, new string('x', 5000)).Why.Length, 1, 1000);

    private static CreateResult Read(int code, string message) =>
        PodRefusals.Read(Answer(code, message), Pool, "linux-3");

    private static ApiAnswer Answer(int code, string message) =>
        ApiAnswer.Read(code, Encoding.UTF8.GetBytes($$"""{"message":{{JsonSerializer.Serialize(message)}}}"""), null);
}
