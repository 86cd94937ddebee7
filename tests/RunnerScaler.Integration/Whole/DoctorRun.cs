using System.Globalization;
using System.Reflection;
using RunnerScaler.Hosting;
using Xunit.v3;

namespace RunnerScaler.Integration.Whole;

/// <summary><c>runnerscaler doctor</c>, run again and again, and what it was seen to find.</summary>
internal sealed class DoctorRun
{
    private readonly HashSet<string> found = [];

    /// <summary>A controller that serves its pool, and can be asked.</summary>
    public static async Task<ControllerBox> ReadyAsync(BoxShape? shape = null)
    {
        var box = await ControllerBox.OpenAsync(shape);
        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        return box;
    }

    /// <summary>Waits until it ends with a code, and says so.</summary>
    /// <param name="box">Where it looks.</param>
    /// <param name="code">With what it is to end; null for whatever.</param>
    /// <param name="finding">The beginning of a line.</param>
    /// <param name="says">What is said besides, there or elsewhere.</param>
    public async Task FoundAsync(ControllerBox box, int? code, string finding, string says)
    {
        await box.HoldsAsync($"{finding} {says}", () =>
            Run(box) is var (ended, output) && (code is null || ended == code)
            && output.Split('\n').Any(line => line.StartsWith(finding, StringComparison.Ordinal))
            && output.Contains(says, StringComparison.Ordinal));
        Note(finding);
    }

    /// <summary>Notes a line that was found elsewhere.</summary>
    public void Note(string finding)
    {
        if (!finding.StartsWith("ok ", StringComparison.Ordinal))
            found.Add(finding[10..finding.IndexOf(':', StringComparison.Ordinal)]);
    }

    /// <summary>Fails unless the running test has seen all that its <see cref="FindsAttribute"/> names.</summary>
    public void AssertDone()
    {
        var method = ((IXunitTestMethod)TestContext.Current.TestMethod!).Method;
        Assert.Empty(method.GetCustomAttribute<FindsAttribute>()!.Checks.Except(found));
    }

    public static (int Code, string Output) Run(ControllerBox box, params string[] arguments) =>
        RunAsync(box, arguments).GetAwaiter().GetResult();

    public static Task<(int Code, string Output)> RunAsync(ControllerBox box, params string[] arguments) =>
        RunAsync(box.ConfigOf("jane"), arguments);

    /// <param name="config">The path of a kubeconfig.</param>
    /// <param name="arguments">Besides that.</param>
    public static async Task<(int Code, string Output)> RunAsync(string config, params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await ScalerHost.RunAsync(
            ["doctor", $"--Kubernetes:Kubeconfig={config}", .. arguments], output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString().TrimEnd('\n'));
    }
}
