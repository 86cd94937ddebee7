using System.Text.Json.Nodes;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class PodSecurityTests
{
    [Fact]
    public void EveryPodPassesTheBaselineExceptTheCompatibleOnes()
    {
        Assert.Equal(84, TestPods.All.Count());
        foreach (var (name, wishes, profile) in TestPods.All)
        {
            var violations = PodSecurityBaseline.Violations(TestPods.Build(wishes, profile));
            if (profile == BuilderProfile.Compatible)
                Assert.Equal(["buildkitd: seccomp Unconfined", "buildkitd: AppArmor Unconfined"], violations);
            else
                Assert.True(violations.Count == 0, $"{name}: {string.Join(", ", violations)}");
        }
    }

    [Fact]
    public void WithoutAUserNamespaceAnUnmaskedProcIsNotAdmitted()
    {
        var pod = TestPods.Build(TestPods.Plain, BuilderProfile.UserNamespaces);
        pod["spec"]!["hostUsers"] = true;
        Assert.Equal(["buildkitd: procMount Unmasked"], PodSecurityBaseline.Violations(pod));
    }

    [Theory]
    [InlineData("""{"hostNetwork":true,"hostPID":true,"hostIPC":true}""", "hostNetwork", "hostPID", "hostIPC")]
    [InlineData("""{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}""", "hostPath volume v")]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]}}""", "sysctl kernel.msgmax")]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_rmem","value":"1"}]}}""")]
    [InlineData("""{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}""", "pod: seccomp Unconfined")]
    [InlineData("""{"securityContext":{"seLinuxOptions":{"type":"spc_t"}}}""", "pod: SELinux options")]
    [InlineData("""{"containers":[{"name":"c","securityContext":{"privileged":true}}]}""", "c: privileged")]
    [InlineData("""{"containers":[{"name":"c","ports":[{"containerPort":1,"hostPort":1}]}]}""", "c: hostPort")]
    [InlineData(
        """{"containers":[{"name":"c","securityContext":{"capabilities":{"add":["SYS_ADMIN","SETUID"]}}}]}""",
        "c: capability SYS_ADMIN")]
    [InlineData(
        """{"initContainers":[{"name":"c","readinessProbe":{"httpGet":{"host":"x"}}}]}""", "c: host of readinessProbe")]
    public void TheEvaluationFindsWhatTheStandardForbids(string spec, params string[] violations) =>
        Assert.Equal(
            violations, PodSecurityBaseline.Violations(new JsonObject { ["spec"] = JsonNode.Parse(spec) }));
}
