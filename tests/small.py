"""A project of one claim about an invented article: everything that a build needs, and nothing else.

A whole build of it takes a second or two, most of it for the ontology.
"""

from pathlib import Path

from kg.curation.texts import digest
from tests.authoring import HEAD, NAME, TEXT, TEXT_PATH, project

TEXTS = TEXT_PATH.parent
REGISTER = """id:ann-example a foaf:Person ; rdfs:label "Ann Example"@en .
id:anyshire-council a sg:Council ; rdfs:label "Anyshire Council (invented)"@en .
id:gazette a sg:Publisher ; rdfs:label "Anyshire Gazette (invented)"@en .
id:post-director a org:Post ; rdfs:label "Director in Anyshire"@en ; org:postIn id:anyshire-council .
id:tenure-ann a sg:Tenure ; rdfs:label "Ann Example as director in Anyshire"@en .
"""
ARTICLE = f"""id:article-{NAME} a sg:Article ; rdfs:label "Anyshire Gazette (invented) on the director, 2015"@en ;
  dcterms:publisher id:gazette ; schema:headline "Services in disarray"@en ; schema:url <https://example.org/1> ;
  sg:published id:date-2015-07 ; sg:wordCount 179 ; sg:textLength {len(TEXT)} ; sg:textDigest "{digest(TEXT)}" .
"""
CLAIM = """claim:draft-left { id:tenure-ann org:member id:ann-example ; org:post id:post-director ;
  sg:end id:date-2015-06 . }
graph:anyshire-1 { claim:draft-left a sg:Claim ; rdfs:label "Ann Example, the director, left in June 2015."@en ;
  sg:voices ( id:gazette ) ; sg:excerpt "its director, left in June" ;
  sg:dateReading [ sg:expression "in June" ; sg:relativeTo id:article-anyshire-1 ; sg:readAs id:date-2015-06 ;
    sg:basis sgv:inferred ] . }
"""


def built_project(folder: Path) -> tuple[Path, Path]:
    """Lay out the project in `data`, its claim with all that a build needs, and build it into `out`; returns both."""
    from click.testing import CliRunner

    from kg.build import build
    from kg.cli import main
    from kg.resources import ontology_dir

    data, out = folder / "data", folder / "out"
    done = CliRunner().invoke(main, ["fmt", "--texts", str(TEXTS), str(small_project(data))])
    assert done.exit_code == 0, done.output
    build(data, ontology_dir(), out, texts=TEXTS)
    return data, out


def small_project(data: Path) -> Path:
    """Lay out the data folder, its claim still as a curator writes it; returns the file of the claim."""
    claims = project(data, HEAD + CLAIM)
    (data / "register.ttl").write_text(HEAD + REGISTER, encoding="utf-8")
    (data / "articles.ttl").write_text(HEAD + ARTICLE, encoding="utf-8")
    return claims
