using System.Diagnostics;
using System.Text.Json;

namespace RunnerScaler.Integration.Examples;

/// <summary>
/// Every example is what its API describes, without a field too many: Kubernetes' own kinds, cert-manager, the
/// Prometheus operator, Tekton, and GitHub's workflows. <c>Contract/check-examples.mjs</c> does it with what npm has
/// installed.
/// </summary>
public sealed class SchemaTests
{
    private const string Folder = "tests/RunnerScaler.Integration/Contract";

    private static readonly Example[] Wrong =
    [
        Example.Of("deploy/examples/kaniko/git.yaml").With("backoffLimit", "backOffLimit"),
        Example.Of("deploy/examples/shared-builder/buildkitd.yaml").With("hostUsers", "hostUser"),
        Example.Of("deploy/examples/shared-builder/buildkitd.yaml").With("serviceName: buildkit", "replicas: two"),
        Example.Of("deploy/examples/shared-builder/certificates.yaml").With("dnsNames", "dnsName"),
        Example.Of("deploy/examples/shared-builder/certificates.yaml").With("secretName: buildkit-ca", "isCA: true"),
        Example.Of("deploy/examples/monitoring/podmonitor.yaml").With("interval:", "every:"),
        Example.Of("deploy/examples/tekton/pipeline.yaml").With("taskRef", "task"),
        Example.Of("deploy/examples/tekton/run.yaml").With("tekton.dev/v1", "tekton.dev/v1alpha9"),
        Example.Of("deploy/examples/workflows/build-and-deploy.yaml").With("runs-on", "runson"),
        Example.Of(".github/workflows/release.yaml").With("github.ref_type == 'tag'", "github.reftype == 'tag'"),
        Example.Of(".github/workflows/release.yaml").With("needs: [version, publish, program]", "needs: [publish]"),
        Example.Of(".github/workflows/ci.yaml").With("ubuntu-24.04", "ubuntu-24.4"),
        Example.Of("deploy/examples/workflows/bake.yaml").With("github.repository }}", "github.repository }"),
    ];

    [Fact]
    public async Task EveryExampleIsWhatItsApiDescribes()
    {
        var problems = await CheckAsync(Example.All);

        Assert.NotEmpty(Example.All);
        Assert.Equal(Example.All.Count, problems.Count);
        Assert.All(problems, found => Assert.True(found.Value.Length == 0,
            $"{found.Key}: {string.Join("; ", found.Value)}"));
    }

    [Fact]
    public async Task AMistakeInAnExampleWouldBeFound() => Assert.All(
        await CheckAsync(Wrong), found => Assert.True(found.Value.Length > 0, $"{found.Key} was not found wrong"));

    private static async Task<Dictionary<string, string[]>> CheckAsync(IEnumerable<Example> examples)
    {
        var modules = Path.Combine(Example.Root, Folder, "node_modules", "typescript");
        Assert.SkipWhen(!Directory.Exists(modules), $"the schemas are not installed: run npm ci --prefix {Folder}");
        var start = new ProcessStartInfo("node", [Path.Combine(Example.Root, Folder, "check-examples.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var stop = TestContext.Current.CancellationToken;
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(examples.ToDictionary(e => e.Name, e => e.Text)));
        node.StandardInput.Close();
        var error = node.StandardError.ReadToEndAsync(stop);
        var output = await node.StandardOutput.ReadToEndAsync(stop);
        await node.WaitForExitAsync(stop);
        Assert.True(node.ExitCode == 0, await error);
        return JsonSerializer.Deserialize<Dictionary<string, string[]>>(output)!;
    }
}
