using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Web;

namespace RunnerScaler.Hosting;

/// <summary>
/// What may be set: the ranges that the options themselves have, and here what they mean to each other and to the
/// world. Finds all problems at once, so that nobody fixes one only to be shown the next.
/// </summary>
/// <param name="configuration">The whole configuration.</param>
internal sealed class OptionRules(IConfiguration configuration) : IValidateOptions<ScalerOptions>
{
    /// <exception cref="OptionsValidationException">Options are wrong.</exception>
    public static ScalerOptions Require(IConfiguration configuration)
    {
        var options = ScalerOptions.Read(configuration);
        var result = new OptionRules(configuration).Validate(Options.DefaultName, options);
        return result.Succeeded
            ? options
            : throw new OptionsValidationException(Options.DefaultName, typeof(ScalerOptions), result.Failures);
    }

    public ValidateOptionsResult Validate(string? name, ScalerOptions options)
    {
        var read = OptionReader.Read(configuration.GetSection(ScalerOptions.Root), new ScalerOptions().Sections);
        var problems = read
            .Concat(OfKubernetes(options.Kubernetes))
            .Concat(OfGitHub(options.GitHub))
            .Concat(EnvironmentProxy.Problems(Environment.GetEnvironmentVariable))
            .Concat(OfWeb(options.Web))
            .Concat(OfClaims(options.Control.HeldClaims, options.Web.MaxClaims))
            .Concat(Collector(options.Telemetry.OtlpEndpoint))
            .GroupBy(sentence => sentence[..sentence.IndexOf(' ', StringComparison.Ordinal)])
            .Select(ofOneOption => ofOneOption.Last())
            .ToArray();
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Collector(string address)
    {
        if (address.Length > 0
            && !(Uri.TryCreate(address, UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0))
            yield return $"{OptionName.Describe("Telemetry:OtlpEndpoint")} is no address of a collector: set one such "
                + "as http://collector:4318, or nothing.";
    }

    private static IEnumerable<string> OfClaims(int held, int most)
    {
        if (most > 0 && held >= most)
            yield return $"{OptionName.Describe("Control:HeldClaims")} is {held}: set less than {most}, which is "
                + $"{OptionName.Describe("Web:MaxClaims")}, since pods beyond that are not heard.";
    }

    private static IEnumerable<string> OfWeb(WebOptions web) =>
    [
        .. Address(web.Address),
        .. Address(web.ClaimsAddress),
        .. web.Port == web.ClaimsPort && web.Port != 0
            ? [$"{OptionName.Describe("Web:ClaimsPort")} is {web.ClaimsPort}, as is "
                + $"{OptionName.Describe("Web:Port")}: set two different ports."]
            : Array.Empty<string>(),
        .. OfWebhooks(web),
    ];

    private static IEnumerable<string> OfWebhooks(WebOptions web) =>
    [
        .. web.WebhookSecrets.Length == 0 || Directory.Exists(web.WebhookSecrets)
            ? Array.Empty<string>()
            : [$"{OptionName.Describe("Web:WebhookSecrets")} is '{web.WebhookSecrets}', which is no folder: set one "
                + "whose files each hold a secret of GitHub's webhook, or nothing."],
        .. Address(web.WebhooksAddress),
        .. web.WebhooksPort != 0 && (web.WebhooksPort == web.Port || web.WebhooksPort == web.ClaimsPort)
            ? [$"{OptionName.Describe("Web:WebhooksPort")} is {web.WebhooksPort}, as is another port of Web: set three "
                + "different ports."]
            : Array.Empty<string>(),
    ];

    private static IEnumerable<string> OfKubernetes(KubernetesOptions kubernetes) =>
    [
        .. Uri.TryCreate(kubernetes.ClaimsUrl, UriKind.Absolute, out var url) && url.Scheme == "https"
            ? Array.Empty<string>()
            : [$"{OptionName.Describe("Kubernetes:ClaimsUrl")} is '{kubernetes.ClaimsUrl}': set the address under "
                + "which pods reach the claims' port, such as https://runnerscaler.runnerscaler.svc:8443/claims."],
        .. OfBuilder(kubernetes),
        .. Proxy(kubernetes.PodHttpProxy),
        .. Proxy(kubernetes.PodHttpsProxy),
        .. Present(kubernetes.LeaseName),
        .. Present(kubernetes.ClaimsSecret),
        .. AtMost(kubernetes.RenewDeadline, kubernetes.LeaseDuration * 0.8),
        .. AtMost(kubernetes.RetryPeriod, kubernetes.RenewDeadline / 2),
    ];

    private static IEnumerable<string> OfBuilder(KubernetesOptions kubernetes) =>
    [
        .. kubernetes.BuilderImage.Length == 0
            || SpecPatterns.Match(SpecPatterns.Image, kubernetes.BuilderImage, kubernetes.BuilderImage.Length)
                ? Array.Empty<string>()
                : [$"{OptionName.Describe("Kubernetes:BuilderImage")} is '{kubernetes.BuilderImage}': set an image "
                    + "with its digest (@sha256: and 64 hexadecimal digits), or nothing."],
        .. Amount(kubernetes.BuilderCpuRequest),
        .. Amount(kubernetes.BuilderMemoryRequest),
        .. Amount(kubernetes.BuilderCpuLimit),
        .. Amount(kubernetes.BuilderMemoryLimit),
        .. SpecPatterns.Match(SpecPatterns.Size, kubernetes.BuilderStateSize, 10)
            ? Array.Empty<string>()
            : [$"{OptionName.Describe("Kubernetes:BuilderStateSize")} is '{kubernetes.BuilderStateSize}': set a whole "
                + "number of Gi or Ti, such as 20Gi."],
        .. Ordered("Cpu", kubernetes.BuilderCpuRequest, kubernetes.BuilderCpuLimit),
        .. Ordered("Memory", kubernetes.BuilderMemoryRequest, kubernetes.BuilderMemoryLimit),
    ];

    // Without its value, which may hold a password.
    private static IEnumerable<string> Proxy(
        string value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value.Length > 0 && EnvironmentProxy.Problems(_ => value).Any())
            yield return $"{OptionName.Describe(PathOf(expression))} is no address of a proxy: set one such as "
                + "http://proxy.example.com:3128, or nothing.";
    }

    private static IEnumerable<string> Ordered(string what, string request, string limit)
    {
        if (Quantity.Read(request) > Quantity.Read(limit))
            yield return $"{OptionName.Describe($"Kubernetes:Builder{what}Request")} is '{request}', and the limit is "
                + $"'{limit}': set at most the limit.";
    }

    private static IEnumerable<string> Amount(
        string value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value.Length > 0 && Quantity.Read(value) is null)
            yield return $"{OptionName.Describe(PathOf(expression))} is '{value}': set an amount such as 500m or 2Gi, "
                + "or nothing.";
    }

    private static IEnumerable<string> OfGitHub(GitHubOptions gitHub) =>
    [
        .. AtMost(gitHub.WriteReservePoints, gitHub.MinuteLimit - 1),
        .. LeavesReads(gitHub),
        .. AtMost(gitHub.WarmMinimum, gitHub.WarmPeriod),
        .. AtMost(gitHub.ColdMinimum, gitHub.ColdPeriod),
    ];

    private static IEnumerable<string> LeavesReads(GitHubOptions gitHub)
    {
        const int limit = GitHubOptions.LeastHourlyLimit;
        var reserve = gitHub.RegistrationReserve(limit);
        if (gitHub.ReadShare * limit < reserve + 1)
            yield return $"{OptionName.Describe("GitHub:ReadShare")} is {OptionValue.Show(gitHub.ReadShare)}: of the "
                + $"{limit} requests that GitHub allows in an hour it leaves none to read with, because "
                + $"{OptionName.Describe("GitHub:JitReserve")} keeps {reserve} of it for registrations; set at least "
                + $"{OptionValue.Show(Math.Ceiling(1000.0 * (reserve + 1) / limit) / 1000)}.";
    }

    private static IEnumerable<string> Address(
        string value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value != "*" && !IPAddress.TryParse(value, out _))
            yield return $"{OptionName.Describe(PathOf(expression))} is '{value}': set an IP address, or * for all.";
    }

    private static IEnumerable<string> Present(
        string value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (string.IsNullOrWhiteSpace(value))
            yield return $"{OptionName.Describe(PathOf(expression))} is empty: set it.";
    }

    private static IEnumerable<string> AtMost<T>(
        T value, T most, [CallerArgumentExpression(nameof(value))] string expression = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(most) > 0)
            yield return OptionName.OutOfRange(PathOf(expression), value, $"at most {OptionValue.Show(most)}");
    }

    /// <summary>The rules name an option by reading it: <c>web.Port</c> is <c>Web:Port</c>.</summary>
    private static string PathOf(string expression) =>
        char.ToUpperInvariant(expression[0]) + expression[1..].Replace('.', ':');
}
