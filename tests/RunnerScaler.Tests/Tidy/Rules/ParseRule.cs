using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>YAML and JSON can be read: whole files, and blocks of pages. The chart's templates are neither.</summary>
internal static class ParseRule
{
    private const string Templates = "deploy/chart/templates";

    public static IEnumerable<Finding> Check(SourceFile file) => file.IsUnder(Templates)
        ? []
        : Check(file.Path, Path.GetExtension(file.Path).TrimStart('.'), 1, file.Text);

    public static IEnumerable<Finding> Check(MarkdownPage page) =>
        page.Blocks.SelectMany(b => Check(page.Path, b.Language, b.Line, b.Text));

    private static IEnumerable<Finding> Check(string path, string language, int line, string text)
    {
        var (at, message) = language switch
        {
            "yaml" or "yml" => Yaml(text),
            "json" => Json(text),
            _ => default,
        };
        return message is null ? [] : [new Finding(path, line + at, $"no valid {language}: {message}")];
    }

    private static (int Line, string? Message) Yaml(string text)
    {
        try
        {
            new YamlStream().Load(new StringReader(text));
            return default;
        }
        catch (YamlException problem)
        {
            return ((int)problem.Start.Line - 1, problem.Message);
        }
    }

    private static (int Line, string? Message) Json(string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return default;
        }
        catch (JsonException problem)
        {
            return ((int)(problem.LineNumber ?? 0), problem.Message);
        }
    }
}
