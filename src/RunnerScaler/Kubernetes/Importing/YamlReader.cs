using System.Collections.Immutable;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>
/// Reads YAML that anybody may have written, as JSON: at most so large, so deep and of so many nodes, with what its
/// aliases stand for counted each time.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Characters.</summary>
    public const int LongestText = 8 * 1024 * 1024;

    /// <summary>Levels; a pod's deepest field is at some twenty.</summary>
    public const int Deepest = 60;

    /// <summary>Values of the whole text.</summary>
    public const int MostNodes = 200_000;

    private const string Merge = "<<";

    private readonly Parser parser;
    private readonly Dictionary<AnchorName, Measured> anchors = [];
    private int nodes;

    private YamlReader(string text) => parser = new Parser(new Scanner(new StringReader(text), skipComments: true));

    /// <summary>The documents in a text, empty ones left out.</summary>
    /// <exception cref="ImportException">It is no YAML, or beyond these limits; the sentence says where.</exception>
    public static ImmutableArray<JsonNode> Documents(string text)
    {
        if (text.Length > LongestText)
            throw new ImportException(
                $"The input has more than {LongestText / 1024 / 1024} million characters: give it in parts.");
        try
        {
            return new YamlReader(text).ReadAll();
        }
        catch (YamlException e)
        {
            throw Problem(e.Start, e.Message);
        }
        catch (Exception e) when (JsonText.IsUnreadable(e))
        {
            // What the parser throws for some noise.
            throw new ImportException("The input cannot be read as YAML: it is none.");
        }
    }

    private static ImportException Problem(Mark at, string problem) =>
        new($"The input cannot be read as YAML: line {at.Line}: {problem}");

    private ImmutableArray<JsonNode> ReadAll()
    {
        var documents = ImmutableArray.CreateBuilder<JsonNode>();
        while (parser.MoveNext())
            if (parser.Current is DocumentStart)
            {
                anchors.Clear();
                parser.MoveNext();
                if (ReadNode(0).Node is { } document)
                    documents.Add(document);
            }
        return documents.ToImmutable();
    }

    /// <summary>The node that begins with the current event, whose last event is current afterwards.</summary>
    private Measured ReadNode(int depth)
    {
        var first = parser.Current!;
        if (depth > Deepest)
            throw Problem(first.Start, $"it nests more than {Deepest} levels");
        var before = nodes;
        Count(1, first.Start);
        var read = first switch
        {
            Scalar scalar => new Measured(YamlScalar.ValueOf(scalar), 0),
            SequenceStart => ReadList(depth),
            MappingStart => ReadObject(depth),
            AnchorAlias alias => Again(alias, depth),
            _ => throw Problem(first.Start, "a value is missing"),
        };
        if (first is NodeEvent { Anchor: { IsEmpty: false } anchor })
            anchors[anchor] = read with { Nodes = nodes - before };
        return read;
    }

    private Measured ReadList(int depth)
    {
        var (list, height) = (new JsonArray(), 0);
        for (parser.MoveNext(); parser.Current is not SequenceEnd; parser.MoveNext())
        {
            var item = ReadNode(depth + 1);
            list.Add(item.Node);
            height = Math.Max(height, item.Height + 1);
        }
        return new(list, height);
    }

    private Measured ReadObject(int depth)
    {
        var (fields, merged, height) = (new JsonObject(), new List<JsonNode?>(), 0);
        for (parser.MoveNext(); parser.Current is not MappingEnd; parser.MoveNext())
        {
            var at = parser.Current!.Start;
            if (parser.Current is not Scalar { Value: var key })
                throw Problem(at, "a key must be a text");
            parser.MoveNext();
            var value = ReadNode(depth + 1);
            height = Math.Max(height, value.Height + 1);
            if (key == Merge)
                merged.Add(value.Node);
            else if (!fields.TryAdd(key, value.Node))
                throw Problem(at, "a key stands there a second time");
        }
        var all = merged.SelectMany(m => m is JsonArray list ? list.AsEnumerable() : [m]).OfType<JsonObject>();
        foreach (var (key, value) in all.SelectMany(m => m))
            fields.TryAdd(key, value?.DeepClone());
        return new(fields, height);
    }

    private Measured Again(AnchorAlias alias, int depth)
    {
        if (!anchors.TryGetValue(alias.Value, out var meant))
            throw Problem(alias.Start, "an alias stands for nothing before it");
        if (depth + meant.Height > Deepest)
            throw Problem(alias.Start, $"it nests more than {Deepest} levels");
        Count(meant.Nodes, alias.Start);
        return meant with { Node = meant.Node?.DeepClone() };
    }

    private void Count(int more, Mark at)
    {
        nodes += more;
        if (nodes > MostNodes)
            throw Problem(at, $"it has more than {MostNodes} values, with what aliases stand for: give it in parts");
    }

    /// <param name="Node">What was read.</param>
    /// <param name="Height">Levels below it.</param>
    private readonly record struct Measured(JsonNode? Node, int Height)
    {
        /// <summary>How many values it is, itself included.</summary>
        public int Nodes { get; init; }
    }
}
