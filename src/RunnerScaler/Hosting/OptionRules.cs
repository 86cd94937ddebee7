using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace RunnerScaler.Hosting;

/// <summary>
/// What may be set. Finds all faults at once, so that nobody mends one only to be shown the next.
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
        var read = OptionReader.Read(configuration.GetSection(ScalerOptions.Root), new ScalerOptions());
        var problems = read.Concat(OfWeb(options)).Concat(OfControl(options)).Distinct().ToArray();
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> OfWeb(ScalerOptions options) =>
    [
        .. Address(options.Web.Address),
        .. Within(options.Web.Port, 0, 65535),
        .. Address(options.Web.ClaimsAddress),
        .. Within(options.Web.ClaimsPort, 0, 65535),
        .. options.Web.Port == options.Web.ClaimsPort && options.Web.Port != 0
            ? [$"{OptionName.Describe("Web:ClaimsPort")} is {options.Web.ClaimsPort}, as is "
                + $"{OptionName.Describe("Web:Port")}: set two different ports."]
            : Array.Empty<string>(),
        .. Within(options.Web.MaxHeldClaims, 1, 100_000),
    ];

    private static IEnumerable<string> OfControl(ScalerOptions options) =>
    [
        .. Within(options.Control.WriteParallelism, 1, 256),
        .. Within(options.Control.PassSpacing, TimeSpan.Zero, TimeSpan.FromSeconds(10)),
        .. Within(options.Control.Resync, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10)),
        .. Within(options.Control.ClaimHold, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(55)),
        .. Within(options.Control.SweepPeriod, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1)),
    ];

    private static IEnumerable<string> Address(
        string value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value != "*" && !IPAddress.TryParse(value, out _))
            yield return $"{OptionName.Describe(PathOf(expression))} is '{value}': set an IP address, or * for all.";
    }

    private static IEnumerable<string> Within<T>(
        T value, T least, T most, [CallerArgumentExpression(nameof(value))] string expression = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            yield return OptionName.OutOfRange(PathOf(expression), value, least, most);
    }

    /// <summary>The rules name an option by reading it: <c>options.Web.Port</c> is <c>Web:Port</c>.</summary>
    private static string PathOf(string expression) =>
        expression[(expression.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace('.', ':');
}
